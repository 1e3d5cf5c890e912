/** What a new pod begins with. Source: kubernetes' pod strategy. */
import type { Writable } from '../../machinery/schema.ts';
import type { Pod } from './pod.ts';
import { qosClass } from './qos-class.ts';

/** Replaces whatever status the client sent. */
export function preparePod(pod: Writable<Pod>): void {
  pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) };
  if ((pod.spec.schedulingGates ?? []).length === 0) return;
  pod.status.conditions = [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
    },
  ];
}
