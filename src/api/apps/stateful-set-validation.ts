/** Validation of StatefulSets. Source: kubernetes' apps validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported } from '../../machinery/field-error.ts';
import { dns1123LabelErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { amountErrors, excessErrors, isNoAmount } from '../core/amount-validation.ts';
import { claimSpecErrors } from '../core/persistent-volume-claim-validation.ts';
import type { PodTemplateSpec } from '../core/pod-spec.ts';
import { each, formatted, nonNegative } from '../core/value-checks.ts';
import { collisionErrors, replicaCountErrors, statusCountErrors, workloadErrors } from '../core/workload-validation.ts';
import type {
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from './stateful-set.ts';

/** What updates may change of a spec. */
const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

/** What is wrong with a StatefulSet. */
export function statefulSetErrors(
  { spec, status }: StatefulSet,
  { old, subresource }: ValidationContext<StatefulSet>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(status, old?.status);
  return [
    ...strategyErrors(spec.updateStrategy, 'spec.updateStrategy.rollingUpdate'),
    ...retentionErrors(spec, 'spec.persistentVolumeClaimRetentionPolicy'),
    // Claim templates and the service's name can't change: what they were stored with stays.
    ...(old
      ? []
      : each(spec.volumeClaimTemplates, 'spec.volumeClaimTemplates', (claim, path) =>
          claimSpecErrors(claim.spec, `${path}.spec`),
        )),
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...(old ? [] : formatted(spec.serviceName, 'spec.serviceName', dns1123LabelErrors)),
    ...workloadErrors(
      { selector: spec.selector, template: completedTemplate(spec) },
      { noun: 'statefulset', kind: 'StatefulSet' },
    ),
    ...(old ? changeErrors(spec, old.spec) : []),
  ];
}

function strategyErrors({ type, rollingUpdate }: StatefulSetUpdateStrategy, path: string): FieldError[] {
  if (!rollingUpdate) return [];
  if (type === 'OnDelete') return [invalid(path, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")];
  return type === 'RollingUpdate' ? rollingUpdateErrors(rollingUpdate, path) : [];
}

function rollingUpdateErrors(
  { partition, maxUnavailable }: RollingUpdateStatefulSetStrategy,
  path: string,
): FieldError[] {
  const own = `${path}.maxUnavailable`;
  const isStuck = maxUnavailable !== undefined && isNoAmount(maxUnavailable);
  return [
    ...nonNegative(partition, `${path}.partition`),
    ...amountErrors(maxUnavailable, own),
    ...(isStuck ? [invalid(own, maxUnavailable, 'cannot be 0')] : []),
    ...excessErrors(maxUnavailable, own),
  ];
}

function retentionErrors({ persistentVolumeClaimRetentionPolicy: policy }: StatefulSetSpec, path: string) {
  if (!policy) return [];
  const policies = ['Retain', 'Delete'];
  return (['whenDeleted', 'whenScaled'] as const)
    .filter((when) => !policies.includes(policy[when] ?? ''))
    .map((when) => notSupported(`${path}.${when}`, policy[when] ?? '', policies));
}

/** The template as the controller completes it for a pod: with its claims, and without the names that it overwrites. */
function completedTemplate({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const claims = volumeClaimTemplates.map(({ metadata: { name = '' } }) => ({
    name,
    persistentVolumeClaim: { claimName: name },
  }));
  const names = new Set(claims.map(({ name }) => name));
  const others = (spec.volumes ?? []).filter(({ name }) => !names.has(name));
  return { ...template, spec: { ...spec, volumes: [...claims, ...others] } };
}

function changeErrors(spec: StatefulSetSpec, old: StatefulSetSpec): FieldError[] {
  const kept = Object.fromEntries(mutable.map((name) => [name, undefined]));
  if (equalJson({ ...spec, ...kept }, { ...old, ...kept })) return [];
  const names = mutable.map((name) => `'${name}'`);
  const listed = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return [forbidden('spec', `updates to statefulset spec for fields other than ${listed} are forbidden`)];
}

function statusErrors(status: StatefulSetStatus, old: StatefulSetStatus | undefined): FieldError[] {
  const parts = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'];
  return [
    ...statusCountErrors(status, ['replicas', ...parts, 'observedGeneration', 'collisionCount']),
    ...replicaCountErrors(status, parts, { ready: 'status.readyReplicas' }),
    ...collisionErrors(status.collisionCount, old?.collisionCount),
  ];
}
