/** `pods/binding`: gives a pod its node. Source: kubernetes' registry/core/pod/storage. */
import { timestamp } from '../../base/clock.ts';
import { Binding } from '../../api/core/binding.ts';
import { Pod } from '../../api/core/pod.ts';
import type { PodCondition } from '../../api/core/pod.ts';
import { notSupported, required } from '../../machinery/field-error.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { RequestAttributes, VirtualSubresource } from '../ports.ts';
import { conflictError, invalidError } from './api-errors.ts';
import type { HandlerContext } from './handler-context.ts';
import { successStatus } from './success-status.ts';
import { copyOf } from './subresource-rules.ts';
import { updateObject } from './update-object.ts';

const bindings = { qualified: 'pods/binding', group: '', plural: 'pods/binding', kind: 'Binding' };

/** Makes the subresource. */
export function podBinding(context: HandlerContext): VirtualSubresource {
  return {
    parent: Pod,
    subresource: 'binding',
    resource: Binding,
    create: (body, { attributes, dryRun }) => bindPod(context, body as Binding, { attributes, dryRun }),
  };
}

/** Binds the pod that the attributes name to the node that the Binding names. */
export async function bindPod(
  context: HandlerContext,
  binding: Binding,
  { attributes, dryRun }: { readonly attributes: RequestAttributes; readonly dryRun: boolean },
): Promise<Record<string, unknown>> {
  validateBinding(binding, attributes.name);
  const request = {
    resource: Pod,
    attributes: { ...attributes, subresource: 'binding' },
    dryRun,
    fieldValidation: 'Ignore' as const,
    warnings: [],
  };
  await updateObject(context, request, (current) => {
    const draft = copyOf(current);
    assign(draft as unknown as Writable<Pod>, binding, timestamp(context.clock.now()));
    return { draft, versioned: false };
  });
  return successStatus(201);
}

function validateBinding({ target }: Binding, name: string): void {
  const errors = [
    ...(target.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
    ...(target.name ? [] : [required('target.name')]),
  ];
  if (errors.length > 0) throw invalidError(Binding, name, errors);
}

function assign(pod: Writable<Pod>, binding: Binding, now: string): void {
  const { name, uid } = pod.metadata;
  const refuse = (detail: string): never => {
    throw conflictError(bindings, name, detail);
  };
  const wanted = binding.metadata.uid;
  if (wanted && wanted !== uid) {
    refuse(`Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid}`);
  }
  if (pod.metadata.deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) {
    refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  }
  if (pod.spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target.name ?? '';
  const { annotations, labels } = binding.metadata;
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
  const scheduled: PodCondition = { type: 'PodScheduled', status: 'True', lastTransitionTime: now };
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== scheduled.type);
  pod.status.conditions = [...others, scheduled];
}
