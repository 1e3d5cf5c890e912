/** What is counted of policies, under upstream's names. Source: apiserver's admission/plugin/policy metrics. */
import type { Clock } from '../../../base/clock.ts';
import type { MetricRegistry } from '../../../base/metrics/metric-registry.ts';

/** A policy and the binding by which it looks at a request. */
export interface CheckedPolicy {
  readonly policy: string;
  readonly binding: string;
}

/** Why a policy came to no decision, if it did not. */
export type PolicyError = 'no_error' | 'invalid_error' | 'compile_error' | 'out_of_budget';

/** Which error a message tells of. Source: apiserver's policy/validating, errors.go, by which a denial counts as one. */
export function policyError(message: string): PolicyError {
  if (message.startsWith('compilation')) return 'compile_error';
  return message.includes('running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}

/** What the decisions of policies are counted with. */
export interface PolicyMetrics {
  readonly clock: Clock;
  /** One decision. `action`, of validating ones: allow, deny, audit, warn. */
  checked(
    who: CheckedPolicy,
    decision: { readonly error: PolicyError; readonly action: string },
    seconds: number,
  ): void;
}

/** Makes the counters of the policies of one plug-in. */
export function policyMetrics(metrics: MetricRegistry, clock: Clock, kind: 'validating' | 'mutating'): PolicyMetrics {
  const prefix = `apiserver_${kind}_admission_policy`;
  const isValidating = kind === 'validating';
  const labels = ['policy', 'policy_binding', 'error_type', ...(isValidating ? ['enforcement_action'] : [])];
  const what = isValidating ? 'Validation' : 'Mutation';
  const checks = metrics.counter({ name: `${prefix}_check_total`, help: `${what} admission policy checks.`, labels });
  const durations = metrics.histogram(
    { name: `${prefix}_check_duration_seconds`, help: `${what} admission policy check latency in seconds.`, labels },
    [0.0000005, 0.001, 0.01, 0.1, 1],
  );
  return {
    clock,
    checked({ policy, binding }, { error, action }, seconds) {
      checks.of(policy, binding, error, action).value++;
      durations.of(policy, binding, error, action).observe(seconds);
    },
  };
}
