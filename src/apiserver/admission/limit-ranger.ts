/** Gives containers what their namespace's LimitRanges say they get unasked, and holds pods and claims to the bounds. */
import { LimitRange } from '../../api/core/limit-range.ts';
import type { LimitRangeItem } from '../../api/core/limit-range.ts';
import type { Container } from '../../api/core/container.ts';
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { claimBreaches, podBreaches } from './limit-ranger-bounds.ts';
import { refusal } from './refusal.ts';

const annotation = 'kubernetes.io/limit-ranger';

/** Upstream's LimitRanger. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  concerns: [Pod.qualified, PersistentVolumeClaim.qualified],
  admit(request, context) {
    const limited = limitedObject(request);
    if (limited !== pods) return;
    for (const range of rangesFor(request, context)) fillIn(request.object as unknown as Writable<Pod>, range);
  },
  validate(request, context) {
    const limited = limitedObject(request);
    if (!limited) return;
    for (const { spec } of rangesFor(request, context)) {
      const breaches = limited.breaches(spec.limits, request.object);
      if (breaches.length > 0)
        throw refusal(request, breaches.length === 1 ? breaches[0]! : `[${breaches.join(', ')}]`);
    }
  },
};

/** How LimitRanges bound a kind. */
interface LimitedKind {
  breaches(limits: readonly LimitRangeItem[], object: unknown): readonly string[];
}

const pods: LimitedKind = { breaches: (limits, object) => podBreaches(limits, (object as Pod).spec) };
const claims: LimitedKind = {
  breaches: (limits, object) => claimBreaches(limits, (object as PersistentVolumeClaim).spec),
};

/** What of a request LimitRanges bound: new pods, pods that are resized, and claims. What is being deleted is left alone. */
function limitedObject({ resource, operation, attributes, object, old }: AdmissionRequest): LimitedKind | undefined {
  const limited = resource.qualified === Pod.qualified ? pods : resource.qualified === claimName ? claims : undefined;
  if (!limited || !object || old?.metadata.deletionTimestamp !== undefined) return undefined;
  const { subresource } = attributes;
  if (operation === 'CREATE') return subresource === '' ? limited : undefined;
  if (operation !== 'UPDATE') return undefined;
  return subresource === (limited === pods ? 'resize' : '') ? limited : undefined;
}

const claimName = PersistentVolumeClaim.qualified;

function rangesFor({ attributes }: AdmissionRequest, { objectsIn }: AdmissionContext): readonly LimitRange[] {
  return objectsIn(LimitRange, attributes.namespace);
}

/** Sets what containers leave open and the range has a default for, and notes in an annotation what was set. */
function fillIn(pod: Writable<Pod>, { spec }: LimitRange): void {
  const usual = spec.limits.filter(({ type }) => type === 'Container');
  const limits = Object.assign({}, ...usual.map((limit) => limit.default)) as Quantities;
  const requests = Object.assign({}, ...usual.map(({ defaultRequest }) => defaultRequest)) as Quantities;
  const filled = [
    ...pod.spec.containers.flatMap((container) => fillContainer(container, { limits, requests }, 'container')),
    ...(pod.spec.initContainers ?? []).flatMap((container) =>
      fillContainer(container, { limits, requests }, 'init container'),
    ),
  ];
  if (filled.length === 0) return;
  const note = `LimitRanger plugin set: ${filled.join('; ')}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: note };
}

function fillContainer(
  { name, resources }: Writable<Container>,
  usual: { readonly limits: Quantities; readonly requests: Quantities },
  role: string,
): readonly string[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const missing = Object.keys(usual[part]).filter((resource) => resources[part]?.[resource] === undefined);
    if (missing.length === 0) return [];
    resources[part] = { ...usual[part], ...resources[part] };
    const what = part === 'requests' ? 'request' : 'limit';
    return [`${missing.toSorted().join(', ')} ${what} for ${role} ${name}`];
  });
}
