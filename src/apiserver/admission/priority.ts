/** Turns the name of a pod's priority class into a number. Source: plugin/pkg/admission/priority. */
import { Pod } from '../../api/core/pod.ts';
import { PriorityClass } from '../../api/scheduling/priority-class.ts';
import { hasReason } from '../../base/errors.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedObject, admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** Upstream's Priority. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  concerns: [Pod.qualified, PriorityClass.qualified],
  admit(request, context) {
    const pod = admittedPod(request);
    if (!pod) return;
    const { spec } = pod;
    if (request.operation === 'UPDATE') {
      const old = request.old as Pod | undefined;
      spec.priority ??= old?.spec.priority;
      spec.preemptionPolicy ??= old?.spec.preemptionPolicy;
      return;
    }
    const found = spec.priorityClassName
      ? context.find(PriorityClass, { name: spec.priorityClassName })
      : defaultClass(context);
    if (found || !spec.priorityClassName) return complete(pod, found, request);
    return askedFor(spec.priorityClassName, request, context).then((late) => complete(pod, late, request));
  },
  validate(request, context) {
    const priorityClass = admittedObject(request, PriorityClass);
    if (!priorityClass?.globalDefault) return;
    const other = defaultClass(context);
    if (!other || (request.operation === 'UPDATE' && other.metadata.name === priorityClass.metadata.name)) return;
    const { name } = other.metadata;
    throw refusal(request, `PriorityClass ${name} is already marked as default. Only one default can exist`);
  },
};

/** The class may have been made a moment ago, through another server. */
async function askedFor(name: string, request: AdmissionRequest, { client }: AdmissionContext): Promise<PriorityClass> {
  try {
    return await client.get(PriorityClass, { name });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    throw refusal(request, `no PriorityClass with name ${name} was found`);
  }
}

/** Of several, which only servers that do not see each other can make, the lowest. */
function defaultClass({ objects }: AdmissionContext): PriorityClass | undefined {
  let lowest: PriorityClass | undefined;
  for (const one of objects(PriorityClass)) {
    if (one.globalDefault && (!lowest || one.value < lowest.value)) lowest = one;
  }
  return lowest;
}

/** Gives a pod what its class says; no class counts as zero. */
function complete({ spec }: Writable<Pod>, found: PriorityClass | undefined, request: AdmissionRequest): void {
  const value = found?.value ?? 0;
  const policy = found ? found.preemptionPolicy : 'PreemptLowerPriority';
  if (found) spec.priorityClassName = found.metadata.name;
  const computed = (what: string, sent: unknown, own: unknown): string =>
    `the ${what} (${String(sent)}) must not be provided in pod spec; priority admission controller computed ${String(own)} from the given PriorityClass name`;
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refusal(request, computed('integer value of priority', spec.priority, value));
  }
  spec.priority = value;
  if (policy === undefined) return;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refusal(request, computed('string value of PreemptionPolicy', spec.preemptionPolicy, policy));
  }
  spec.preemptionPolicy = policy;
}
