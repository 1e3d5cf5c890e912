/** Turns the name of a pod's priority class into a number. */
import type { Pod } from '../../api/core/pod.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** The classes that every cluster has. There is no kind PriorityClass yet. */
const systemClasses: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** Upstream's Priority. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  admit(request) {
    const pod = admittedPod(request);
    if (!pod) return;
    const { spec } = pod;
    if (request.operation === 'UPDATE') {
      const old = request.old as Pod | undefined;
      spec.priority ??= old?.spec.priority;
      spec.preemptionPolicy ??= old?.spec.preemptionPolicy;
      return;
    }
    const name = spec.priorityClassName ?? '';
    const value = name === '' ? 0 : systemClasses[name];
    if (value === undefined) throw refusal(request, `no PriorityClass with name ${name} was found`);
    if (spec.priority !== undefined && spec.priority !== value) {
      throw refusal(
        request,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    spec.priority = value;
    spec.preemptionPolicy ??= 'PreemptLowerPriority';
  },
};
