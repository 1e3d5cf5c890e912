import { timestamp } from '../base/clock.ts';
import type { Node } from '../api/core/node.ts';
import type { Answer } from '../host/serve-answers.ts';

/** What health depends on. */
export interface HealthInput {
  readonly now: number;
  /** When the rules were last applied, undefined before the first time; milliseconds. */
  readonly lastApplied: number | undefined;
  /** Since when changes wait to be applied; undefined when none do. */
  readonly pendingSince: number | undefined;
  readonly node: Node | undefined;
}

/** Changes that wait longer than this make the proxy unhealthy. Source: kube-proxy's healthTimeout. */
const healthTimeout = 120_000;

/** The taint with which the cluster autoscaler announces that a node will go. */
const toBeDeleted = 'ToBeDeletedByClusterAutoscaler';

/** The answer of /healthz (load balancers ask it: a node about to go is not eligible) and /livez. */
export function healthAnswer(input: HealthInput, path: '/healthz' | '/livez'): Answer {
  const { lastApplied, pendingSince, now, node } = input;
  const isLive = lastApplied !== undefined && (pendingSince === undefined || now - pendingSince < healthTimeout);
  const nodeEligible =
    node?.metadata.deletionTimestamp === undefined && !node?.spec.taints?.some((taint) => taint.key === toBeDeleted);
  const status = isLive && (path === '/livez' || nodeEligible) ? 200 : 503;
  const body = {
    lastUpdated: lastApplied === undefined ? null : timestamp(lastApplied),
    currentTime: timestamp(now),
    ...(path === '/healthz' ? { nodeEligible } : {}),
  };
  return { status, type: 'application/json', body: JSON.stringify(body) };
}
