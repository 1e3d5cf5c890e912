/** What a check of pods is, and the words in which all of them say what is wrong. */
import type { Container, EphemeralContainer } from '../../../api/core/container.ts';
import type { PodSpec } from '../../../api/core/pod-spec.ts';

/** What of a pod, or of a template of pods, is looked at. */
export interface CheckedPod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined };
  readonly spec: PodSpec;
}

/** What a pod does that it may not: in a few words, and in which places. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One thing that a level demands, and how it changed from version to version of Kubernetes. */
export interface Check {
  /** Upstream's; checks are made in the order of these. */
  readonly id: string;
  /** Oldest first. */
  readonly versions: readonly CheckVersion[];
}

/** What a check demands from a version on. */
export interface CheckVersion {
  /** The minor version. */
  readonly since: number;
  violation(pod: CheckedPod): Violation | undefined;
  /** Checks of the level below that this one makes needless. */
  readonly overrides?: readonly string[];
}

/** A container of whatever sort. */
export type AnyContainer = Container | EphemeralContainer;

/** All containers of a pod, in the order in which messages name them. */
export function containersOf({
  initContainers = [],
  containers,
  ephemeralContainers = [],
}: PodSpec): readonly AnyContainer[] {
  return [...initContainers, ...containers, ...ephemeralContainers];
}

/** The names of a pod's containers that are not as they should be. */
export function containersThat(spec: PodSpec, isBad: (container: AnyContainer) => boolean): readonly string[] {
  return containersOf(spec)
    .filter((container) => isBad(container))
    .map(({ name }) => name);
}

/** `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ');
}

/** Each once, in order. */
export function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].toSorted();
}

/** A word as it stands with that many. */
export function plural(word: string, { length }: readonly unknown[]): string {
  return length === 1 ? word : `${word}s`;
}

/** `container "a"`, `containers "a", "b"`. */
export function named(word: string, names: readonly string[]): string {
  return `${plural(word, names)} ${quoted(names)}`;
}

/** Who set something: `pod and container "a"`; '' for nobody. */
export function setters(byPod: boolean, containers: readonly string[]): string {
  return [...(byPod ? ['pod'] : []), ...(containers.length > 0 ? [named('container', containers)] : [])].join(' and ');
}
