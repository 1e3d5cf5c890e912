/** What may change of a Job that exists. Source: kubernetes' batch validation and job strategy. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { Container } from '../core/container.ts';
import type { Affinity, PodTemplateSpec } from '../core/pod-spec.ts';
import type { Job, JobSpec } from './job.ts';

const fixed = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

/** What is wrong with an update of a Job's spec. */
export function jobChangeErrors({ spec }: Job, old: Job): FieldError[] {
  return [
    ...completionsErrors(spec, old.spec),
    ...same(spec.selector, old.spec.selector, 'spec.selector'),
    ...templateErrors(spec.template, old),
    ...fixed.flatMap((name) => same(spec[name], old.spec[name], `spec.${name}`)),
  ];
}

function same(now: unknown, before: unknown, path: string): FieldError[] {
  return equalJson(now, before) ? [] : [invalid(path, now ?? null, 'field is immutable')];
}

/** An Indexed Job can grow and shrink, all of it at a time. */
function completionsErrors({ completionMode, completions, parallelism }: JobSpec, old: JobSpec): FieldError[] {
  const path = 'spec.completions';
  if (completionMode !== 'Indexed') return same(completions, old.completions, path);
  if (completions === undefined || completions === old.completions || completions === parallelism) return [];
  return [invalid(path, completions, 'can only be modified in tandem with spec.parallelism')];
}

/** While a Job is suspended, where its pods are to run may change until it has begun, and what they use while none runs. */
function templateErrors(template: PodTemplateSpec, old: Job): FieldError[] {
  const isSuspended = old.spec.suspend ?? false;
  const hasBegun = old.status.startTime !== undefined;
  let before = old.spec.template;
  if (isSuspended && !hasBegun) before = withSchedulingOf(template, before);
  if (isSuspended && (old.status.active ?? 0) === 0) before = withResourcesOf(template, before);
  return same(template, before, 'spec.template');
}

/** The old template with what steers scheduling in the new one. */
function withSchedulingOf({ metadata, spec }: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates } = spec;
  return {
    metadata: { ...old.metadata, labels: metadata.labels, annotations: metadata.annotations },
    spec: {
      ...old.spec,
      nodeSelector,
      tolerations,
      schedulingGates,
      affinity: affinityWithNodesOf(spec.affinity, old.spec.affinity),
    },
  };
}

function affinityWithNodesOf(now: Affinity | undefined, old: Affinity | undefined): Affinity | undefined {
  const affinity = { ...old, nodeAffinity: now?.nodeAffinity };
  const isEmpty = Object.values(affinity).every((part) => part === undefined);
  return isEmpty && now === undefined ? undefined : affinity;
}

/** The old template with the resources of the new one's containers. */
function withResourcesOf({ spec }: PodTemplateSpec, old: PodTemplateSpec): PodTemplateSpec {
  const merged = (before: readonly Container[] | undefined, now: readonly Container[] = []) =>
    before?.map((container, index) => {
      const current = now[index];
      return current?.name === container.name ? { ...container, resources: current.resources } : container;
    });
  return {
    ...old,
    spec: {
      ...old.spec,
      containers: merged(old.spec.containers, spec.containers) ?? [],
      initContainers: merged(old.spec.initContainers, spec.initContainers),
    },
  };
}
