import type { Pod } from '../../api/core/pod.ts';
import { CommandError } from '../command/command-error.ts';

const defaultAnnotation = 'kubectl.kubernetes.io/default-container';

/** The container that a command is about, and what to say when it was not named. */
export interface ChosenContainer {
  readonly name: string;
  /** `Defaulted container "a" out of: a, b`; undefined when there is nothing to say. */
  readonly notice: string | undefined;
}

/** The names of all containers of a pod, in the order in which messages list them. */
export function containerNames({ spec }: Pod): readonly string[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].map(
    ({ name }) => name,
  );
}

/** Picks the named container, the annotated one or the first. Throws when the named one does not exist. */
export function chooseContainer(pod: Pod, requested: string): ChosenContainer {
  const { metadata, spec } = pod;
  if (requested !== '') {
    if (containerNames(pod).includes(requested)) return { name: requested, notice: undefined };
    throw new CommandError(`container ${requested} is not valid for pod ${metadata.name}`);
  }
  const annotated = metadata.annotations?.[defaultAnnotation];
  if (annotated && containerNames(pod).includes(annotated)) return { name: annotated, notice: undefined };
  const [first] = spec.containers;
  if (!first) throw new CommandError(`no container found in pod ${metadata.name}`);
  const listed = [
    ...spec.containers.map(({ name }) => name),
    ...(spec.initContainers ?? []).map(({ name }) => `${name} (init)`),
    ...(spec.ephemeralContainers ?? []).map(({ name }) => `${name} (ephem)`),
  ];
  const notice = listed.length > 1 ? `Defaulted container "${first.name}" out of: ${listed.join(', ')}` : undefined;
  return { name: first.name, notice };
}
