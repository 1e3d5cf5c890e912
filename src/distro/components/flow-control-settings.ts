import type { FlowControlSettings } from '../../apiserver/flow-control/flow-control-parts.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { ApiServerFlags } from './api-server-flags.ts';

type FlowControlFlags = Pick<
  ApiServerFlags,
  'enable-priority-and-fairness' | 'max-requests-inflight' | 'max-mutating-requests-inflight'
>;

/** What the flags say of priority and fairness. Throws UsageError for a server without a seat. */
export function flowControlSettings(flags: FlowControlFlags): FlowControlSettings {
  const enabled = flags['enable-priority-and-fairness'];
  const maxRequestsInFlight = flags['max-requests-inflight'];
  const maxMutatingRequestsInFlight = flags['max-mutating-requests-inflight'];
  if (enabled && maxRequestsInFlight + maxMutatingRequestsInFlight === 0) {
    throw new UsageError(
      'invalid configuration: MaxRequestsInFlight=0 and MaxMutatingRequestsInFlight=0; they must add up to something positive: see --max-requests-inflight and --max-mutating-requests-inflight',
    );
  }
  return { enabled, maxRequestsInFlight, maxMutatingRequestsInFlight };
}
