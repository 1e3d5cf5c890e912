/** What may change of a pod that exists. Source: kubernetes' ValidatePodUpdate. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { Container } from './container.ts';
import { podAnnotationChangeErrors, podAnnotationErrors } from './pod-annotation-validation.ts';
import type { Affinity, NodeSelectorTerm, PodSpec, Toleration } from './pod-spec.ts';
import type { Pod } from './pod.ts';

const updatable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** What is wrong with an update of a pod's spec. */
export function podUpdateErrors({ metadata, spec }: Pod, { metadata: before, spec: old }: Pod): FieldError[] {
  const counts = [...countErrors('containers', spec, old), ...countErrors('initContainers', spec, old)];
  // Comparing containers of different pods says nothing.
  if (counts.length > 0) return counts;
  const errors = [
    ...imagesErrors(spec.containers, 'spec.containers'),
    ...imagesErrors(spec.initContainers ?? [], 'spec.initContainers'),
    ...deadlineErrors(spec.activeDeadlineSeconds, old.activeDeadlineSeconds),
    ...tolerationsErrors(spec.tolerations ?? [], old.tolerations ?? []),
    ...gatesErrors(spec, old),
    ...((old.schedulingGates ?? []).length > 0 ? narrowingErrors(spec, old) : []),
    ...podAnnotationChangeErrors(metadata.annotations, before.annotations),
    ...podAnnotationErrors(metadata.annotations, spec, 'metadata.annotations'),
  ];
  if (equalJson(withOldValues(spec, old), old)) return errors;
  return [
    ...errors,
    forbidden('spec', `pod updates may not change fields other than ${updatable}\n${difference(spec, old)}`),
  ];
}

function countErrors(list: 'containers' | 'initContainers', spec: PodSpec, old: PodSpec): FieldError[] {
  if ((spec[list] ?? []).length === (old[list] ?? []).length) return [];
  const kind = list === 'containers' ? 'containers' : 'init containers';
  return [forbidden(`spec.${list}`, `pod updates may not add or remove ${kind}`)];
}

function imagesErrors(containers: readonly Container[], path: string): FieldError[] {
  return containers.flatMap(({ image = '' }, index) => {
    const own = `${path}[${index}].image`;
    if (image === '') return [required(own)];
    return image.trim() === image ? [] : [invalid(own, image, 'must not have leading or trailing whitespace')];
  });
}

function deadlineErrors(value: number | undefined, old: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds';
  if (old === undefined || value === old) return [];
  if (value === undefined) return [invalid(path, value, 'must not update from a positive integer to nil value')];
  return value > old ? [invalid(path, value, 'must be less than or equal to previous value')] : [];
}

function tolerationsErrors(tolerations: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  const withoutSeconds = (toleration: Toleration): object => ({ ...toleration, tolerationSeconds: undefined });
  const kept = old.every((before) => tolerations.some((now) => equalJson(withoutSeconds(now), withoutSeconds(before))));
  return kept
    ? []
    : [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')];
}

function gatesErrors({ schedulingGates = [] }: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name));
  return schedulingGates.flatMap(({ name }, index) => {
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    return known.has(name) ? [] : [forbidden(`spec.schedulingGates[${index}].name`, detail)];
  });
}

/** Where a gated pod may run can only become less. */
function narrowingErrors({ nodeSelector = {}, affinity }: PodSpec, old: PodSpec): FieldError[] {
  const kept = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => nodeSelector[key] === value);
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  return [
    ...(kept ? [] : [invalid('spec.nodeSelector', nodeSelector, detail)]),
    ...termsErrors(requiredTerms(affinity), requiredTerms(old.affinity)),
  ];
}

function requiredTerms(affinity: Affinity | undefined): readonly NodeSelectorTerm[] {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

function termsErrors(terms: readonly NodeSelectorTerm[], old: readonly NodeSelectorTerm[]): FieldError[] {
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (old.length === 0) return [];
  if (terms.length !== old.length) {
    return [invalid(path, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')];
  }
  const begins = (now: readonly unknown[] = [], before: readonly unknown[] = []): boolean =>
    equalJson(now.slice(0, before.length), before);
  return terms.flatMap((term, index) => {
    const { matchExpressions = [], matchFields = [] } = old[index] ?? {};
    const wasEmpty = matchExpressions.length + matchFields.length === 0;
    const isEmpty = (term.matchExpressions ?? []).length + (term.matchFields ?? []).length === 0;
    const isFine = wasEmpty
      ? isEmpty
      : begins(term.matchExpressions, matchExpressions) && begins(term.matchFields, matchFields);
    return isFine ? [] : [invalid(`${path}[${index}]`, term, 'only additions are allowed (no mutations or deletions)')];
  });
}

/** The new spec with everything that may change put back: what still differs may not. */
function withOldValues(spec: PodSpec, old: PodSpec): object {
  const images = (now: readonly Container[] | undefined, before: readonly Container[] | undefined) =>
    now?.map((container, index) => ({ ...container, image: before?.[index]?.image }));
  const graceLifted = old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1;
  const gated = (old.schedulingGates ?? []).length > 0;
  return definedOnly({
    ...spec,
    containers: images(spec.containers, old.containers),
    initContainers: images(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    // Where a gated pod may run can still be narrowed.
    ...(gated ? { nodeSelector: old.nodeSelector, affinity: withNodesOf(old.affinity, spec.affinity) } : {}),
    ...(graceLifted ? { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds } : {}),
  });
}

/** An affinity to pods with the affinity to nodes of another one. */
function withNodesOf(nodes: Affinity | undefined, pods: Affinity | undefined): Affinity | undefined {
  const affinity = { ...pods, nodeAffinity: nodes?.nodeAffinity };
  const isEmpty = Object.values(affinity).every((part) => part === undefined);
  return isEmpty && nodes === undefined ? undefined : affinity;
}

function difference(spec: PodSpec, old: PodSpec): string {
  const before: Readonly<Record<string, unknown>> = { ...old };
  const after: Readonly<Record<string, unknown>> = { ...withOldValues(spec, old) };
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => !equalJson(before[name], after[name]));
  return changed
    .map((name) => `- ${name}: ${JSON.stringify(before[name])}\n+ ${name}: ${JSON.stringify(after[name])}\n`)
    .join('');
}

function definedOnly(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
