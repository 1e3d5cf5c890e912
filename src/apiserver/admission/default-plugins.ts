/** The admission plug-ins in the order in which they run; a new one is one line here. */
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { priority } from './priority.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';

/** The plug-ins; `more` are those that need state: the Service allocator, the RBAC escalation check. */
export function defaultAdmissionPlugins(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  ...more: readonly AdmissionPlugin[]
): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    nodeRestriction,
    createServiceAccountAdmission({ clock, random }),
    taintNodesByCondition,
    priority,
    defaultTolerationSeconds,
    ...more,
  ];
}
