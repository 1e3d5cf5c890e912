/** Gives pods what their runtime class says of overhead and nodes. Source: plugin/pkg/admission/runtimeclass. */
import { Pod } from '../../api/core/pod.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { RuntimeClass } from '../../api/node/runtime-class.ts';
import { hasReason } from '../../base/errors.ts';
import { compareQuantities } from '../../machinery/quantity.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';
import { mergeTolerations } from './tolerations.ts';

/** Upstream's RuntimeClass. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  concerns: [Pod.qualified],
  admit(request, context) {
    const pod = newPod(request);
    const name = pod?.spec.runtimeClassName;
    if (!pod || name === undefined) return;
    const known = context.find(RuntimeClass, { name });
    if (known) return complete(pod, known, request);
    return askedFor(name, request, context).then((found) => complete(pod, found, request));
  },
  validate(request, context) {
    const pod = newPod(request);
    if (!pod) return;
    const { runtimeClassName: name, overhead } = pod.spec;
    if (name === undefined) return checkOverhead(request, overhead, undefined);
    const known = context.find(RuntimeClass, { name });
    if (known) return checkOverhead(request, overhead, known);
    return askedFor(name, request, context).then((found) => checkOverhead(request, overhead, found));
  },
};

function newPod(request: AdmissionRequest): Writable<Pod> | undefined {
  return request.operation === 'CREATE' ? admittedPod(request) : undefined;
}

/** The class may have been made a moment ago, through another server. */
async function askedFor(name: string, request: AdmissionRequest, { client }: AdmissionContext): Promise<RuntimeClass> {
  try {
    return await client.get(RuntimeClass, { name });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    throw refusal(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  }
}

function complete({ spec }: Writable<Pod>, { overhead, scheduling }: RuntimeClass, request: AdmissionRequest): void {
  if (overhead) {
    const fixed = overhead.podFixed ?? {};
    if (spec.overhead !== undefined && !sameAmounts(spec.overhead, fixed)) throw otherOverhead(request);
    spec.overhead = { ...fixed };
  }
  if (!scheduling) return;
  const { nodeSelector = {}, tolerations = [] } = scheduling;
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    throw refusal(
      request,
      `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
    );
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  if (tolerations.length > 0) spec.tolerations = mergeTolerations(spec.tolerations ?? [], tolerations);
}

function checkOverhead(
  request: AdmissionRequest,
  overhead: Quantities | undefined,
  found: RuntimeClass | undefined,
): void {
  if (found?.overhead) {
    if (!sameAmounts(overhead ?? {}, found.overhead.podFixed ?? {})) throw otherOverhead(request);
  } else if (overhead !== undefined) {
    throw refusal(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
}

function otherOverhead(request: AdmissionRequest): Error {
  return refusal(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

function sameAmounts(one: Quantities, other: Quantities): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every((name) => other[name] !== undefined && compareQuantities(one[name] ?? '0', other[name]) === 0);
}
