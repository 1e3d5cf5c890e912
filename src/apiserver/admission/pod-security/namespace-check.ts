/** Checks the labels of namespaces, and tells who sets them which pods are not as they demand. */
import { setImmediate } from 'node:timers/promises';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import { equalJson } from '../../../machinery/patch/equal-json.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';
import { invalidError } from '../../resources/api-errors.ts';
import {
  compareLevels,
  hasLabel,
  isPrivileged,
  levelVersionText,
  modes,
  namespacePolicy,
  samePolicy,
  sameLevelVersion,
} from './policy.ts';
import type { LevelVersion, Policy } from './policy.ts';
import { reasonsText, violationsOf } from './violations.ts';

/** How many pods are looked at when a namespace's labels change, and for how long in ms. */
const maxPods = 3000;
const maxTime = 1000;
/** How many are looked at before others have their turn. */
const slice = 100;
const pageSize = 500;

/** What namespaces are judged by. */
export interface NamespaceRules {
  readonly defaults: Policy;
  readonly exemptNamespaces: ReadonlySet<string>;
  readonly exemptRuntimeClasses: ReadonlySet<string>;
}

/** Judges the creation or change of a namespace. Throws Invalid for labels that say nothing known. */
export function checkNamespace(
  request: AdmissionRequest,
  context: AdmissionContext,
  rules: NamespaceRules,
): void | Promise<void> {
  const { attributes, operation, object, old } = request;
  if (attributes.subresource !== '') return;
  const namespace = object as unknown as Namespace;
  const { name, labels } = namespace.metadata;
  const { policy, errors } = namespacePolicy(labels, rules.defaults);
  const before = operation === 'UPDATE' ? namespacePolicy(old?.metadata.labels, rules.defaults) : undefined;
  if (errors.length > 0 && !(before && equalJson(errors, before.errors))) throw invalidError(Namespace, name, errors);
  if (before && !isStricter(policy.enforce, before.policy.enforce)) return;
  if (rules.exemptNamespaces.has(name)) {
    const warning = exemptWarning(namespace, policy, rules.defaults);
    if (warning !== undefined) request.warnings?.push(warning);
  } else if (before) return warnOfPods(request, context, { enforce: policy.enforce, name, rules });
}

/** Whether pods that were as demanded before may not be so now. */
function isStricter(now: LevelVersion, before: LevelVersion): boolean {
  if (sameLevelVersion(now, before) || now.level === 'privileged') return false;
  return now.version !== before.version || compareLevels(now.level, before.level) > 0;
}

/** That labels have no effect, if they were to have one. */
function exemptWarning(
  { metadata: { name, labels } }: Namespace,
  policy: Policy,
  defaults: Policy,
): string | undefined {
  if (isPrivileged(policy) || samePolicy(policy, defaults)) return undefined;
  const stated = modes.filter(
    (mode) => policy[mode].level !== 'privileged' && (hasLabel(labels, mode) || hasLabel(labels, `${mode}-version`)),
  );
  const text = stated.map((mode) => `${mode}=${levelVersionText(policy[mode])}`).join(', ');
  return `namespace ${JSON.stringify(name)} is exempt from Pod Security, and the policy (${text}) will be ignored`;
}

interface PodsToCheck {
  readonly enforce: LevelVersion;
  /** Of the namespace. */
  readonly name: string;
  readonly rules: NamespaceRules;
}

/** Warns of the pods that are not as is demanded now; those of one mind are told of together. */
async function warnOfPods(
  { warnings = [] }: AdmissionRequest,
  context: AdmissionContext,
  { enforce, name, rules }: PodsToCheck,
): Promise<void> {
  const end = context.now() + maxTime;
  let pods: readonly Pod[];
  try {
    pods = differentFirst(await podsOf(context, name), rules);
  } catch {
    warnings.push('failed to list pods while checking new PodSecurity enforce level');
    return;
  }
  const found = new Map<string, string[]>();
  let checked = 0;
  for (const pod of pods.slice(0, maxPods)) {
    const violations = violationsOf(enforce, pod);
    checked++;
    if (violations.length > 0) {
      const reasons = reasonsText(violations);
      found.set(reasons, [...(found.get(reasons) ?? []), pod.metadata.name]);
    }
    if (context.now() >= end) break;
    if (checked % slice === 0) await setImmediate();
  }
  const [level, namespace] = [levelVersionText(enforce), JSON.stringify(name)];
  if (checked < pods.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${checked} of ${pods.length} existing pods`,
    );
  if (found.size > 0)
    warnings.push(`existing pods in namespace ${namespace} violate the new PodSecurity enforce level "${level}"`);
  warnings.push(...[...found].map(([reasons, names]) => `${podsText(names)}: ${reasons}`).toSorted());
}

async function podsOf({ client }: AdmissionContext, namespace: string): Promise<readonly Pod[]> {
  const pods: Pod[] = [];
  let next: string | undefined;
  do {
    const { items, metadata } = await client.list(Pod, { namespace, limit: pageSize, continue: next });
    pods.push(...items);
    next = metadata.continue;
  } while (next);
  return pods;
}

/** One pod of each controller comes first, for the others are like it. Whom a runtime class exempts is left out. */
function differentFirst(pods: readonly Pod[], { exemptRuntimeClasses }: NamespaceRules): readonly Pod[] {
  const seen = new Set<string>();
  const first: Pod[] = [];
  const alike: Pod[] = [];
  for (const pod of pods) {
    if (exemptRuntimeClasses.has(pod.spec.runtimeClassName ?? '')) continue;
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    (owner !== undefined && seen.has(owner) ? alike : first).push(pod);
    if (owner !== undefined) seen.add(owner);
  }
  return [...first, ...alike];
}

/** `a (and 2 other pods)`. */
function podsText(names: readonly string[]): string {
  const [first] = names.toSorted();
  const others = names.length - 1;
  return others === 0 ? `${first}` : `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}
