/** Turns the name of a pod's priority class into a number. */
import type { Pod } from '../../api/core/pod.ts';
import { PriorityClass, systemPriorities } from '../../api/scheduling/priority-class.ts';
import { hasReason } from '../../base/errors.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** Upstream's Priority. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  async admit(request, context) {
    const pod = admittedPod(request);
    if (!pod) return;
    const { spec } = pod;
    if (request.operation === 'UPDATE') {
      const old = request.old as Pod | undefined;
      spec.priority ??= old?.spec.priority;
      spec.preemptionPolicy ??= old?.spec.preemptionPolicy;
      return;
    }
    const { value, policy } = await classOf(pod, request, context);
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refusal(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    spec.preemptionPolicy ??= policy;
  },
};

interface ResolvedClass {
  readonly value: number;
  readonly policy: PriorityClass['preemptionPolicy'];
}

/** The class that the pod names, or the cluster's default one, whose name it then gets. */
async function classOf(
  pod: Writable<Pod>,
  request: AdmissionRequest,
  { client, find, objects }: AdmissionContext,
): Promise<ResolvedClass> {
  const { spec } = pod;
  const name = spec.priorityClassName ?? '';
  if (name === '') {
    const defaults = objects(PriorityClass).filter(({ globalDefault }) => globalDefault);
    const [fallback] = defaults.toSorted((a, b) => a.value - b.value);
    if (!fallback) return { value: 0, policy: 'PreemptLowerPriority' };
    spec.priorityClassName = fallback.metadata.name;
    return { value: fallback.value, policy: fallback.preemptionPolicy };
  }
  const system = systemPriorities[name];
  if (system !== undefined) return { value: system, policy: 'PreemptLowerPriority' };
  try {
    const known = find(PriorityClass, { name }) ?? (await client.get(PriorityClass, { name }));
    const { value, preemptionPolicy: policy } = known;
    return { value, policy };
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    throw refusal(request, `no PriorityClass with name ${name} was found`);
  }
}
