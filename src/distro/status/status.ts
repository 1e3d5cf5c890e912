import { Event } from '../../api/core/event.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { snapshotProblem } from '../backup/snapshot-report.ts';
import { isAlive, readRecords, residentBytes, upRecord } from '../process/process-record.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import { ownConnection, readAgentStatus } from '../up/readiness.ts';
import { controlPlaneProblems, readControlPlane } from './control-plane.ts';
import type { ControlPlaneStatus } from './control-plane.ts';

/** What runs, and what is wrong. */
export interface ClusterStatus {
  readonly dataDir: string;
  readonly processes: readonly ProcessStatus[];
  readonly nodes: readonly { readonly name: string; readonly ready: boolean; readonly message: string }[];
  readonly pods: { readonly total: number; readonly running: number };
  /** Of a cluster of several machines. */
  readonly controlPlane?: ControlPlaneStatus | undefined;
  /** Sentences that say what is wrong and what to do. */
  readonly problems: readonly string[];
}

/** One of the cluster's processes. */
export interface ProcessStatus {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** RFC 3339. */
  readonly since: string;
  readonly memoryBytes: number;
}

/** The state of the cluster in `dataDir`. Throws UsageError when there is none. */
export async function readStatus(dataDir: string): Promise<ClusterStatus> {
  const { plan, layout } = requirePlan(dataDir);
  const records = readRecords(layout.run).filter(({ name }) => name !== upRecord);
  const processes = records.map((record): ProcessStatus => {
    const running = isAlive(record);
    return {
      name: record.name,
      pid: record.pid,
      running,
      since: new Date(record.since).toISOString(),
      memoryBytes: running ? residentBytes(record.pid) : 0,
    };
  });
  const dead = processes.filter((process) => !process.running);
  const problems = dead.map(
    ({ name }) => `${name} does not run: kubets up starts it again (its log: ${layout.logs}/${name}.log)`,
  );
  for (const node of plan.nodes) {
    const problem = readAgentStatus(layout, node.name)?.problem;
    if (problem !== undefined) problems.push(`${node.name}: ${problem}`);
  }
  const withoutBackup = snapshotProblem(layout);
  if (withoutBackup !== undefined) problems.push(withoutBackup);
  if (processes.length === 0) problems.push('nothing runs: kubets up starts the cluster');
  const base = { dataDir, processes, nodes: [], pods: { total: 0, running: 0 } };
  const runs = (prefix: string): boolean => processes.some(({ name, running }) => name.startsWith(prefix) && running);
  // Where there are several API servers the agent's balancer leads to one that lives.
  if (!runs('server') && !(plan.balancerPort !== undefined && runs('agent'))) return { ...base, problems };
  try {
    const connection = await ownConnection(plan, layout, runs('server') ? undefined : 'elsewhere');
    await using client = createHttpClient({ ...connection, userAgent: 'kubets-status' });
    const [node] = plan.nodes;
    const seen = await readCluster(client, {
      controlPlane: plan.balancerPort === undefined ? undefined : connection,
      only: plan.role === 'worker' ? node?.name : undefined,
    });
    return { ...base, ...seen, problems: [...problems, ...seen.problems] };
  } catch (error) {
    return { ...base, problems: [...problems, `the API server does not answer: ${messageOf(error)}`] };
  }
}

interface Reading {
  /** With what identity to ask the API servers of a cluster of several machines. */
  readonly controlPlane: Connection | undefined;
  /** The node that a machine is which is nothing else: it may read no others. */
  readonly only: string | undefined;
}

async function readCluster(
  client: HttpClient,
  { controlPlane, only }: Reading,
): Promise<Pick<ClusterStatus, 'nodes' | 'pods' | 'controlPlane' | 'problems'>> {
  const signal = AbortSignal.timeout(5_000);
  const [nodes, pods, events, servers] = await Promise.all([
    client.list(Node, { signal, ...(only === undefined ? {} : { fieldSelector: `metadata.name=${only}` }) }),
    client.list(Pod, { signal, ...(only === undefined ? {} : { fieldSelector: `spec.nodeName=${only}` }) }),
    ifAllowed(client.list(Event, { signal, fieldSelector: 'type=Warning' })),
    controlPlane && ifAllowed(readControlPlane(client, controlPlane)),
  ]);
  const states = nodes.items.map((node) => {
    const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
    return {
      name: node.metadata.name,
      ready: ready?.status === 'True',
      message: ready?.message ?? 'it has not reported',
    };
  });
  return {
    nodes: states,
    pods: { total: pods.items.length, running: pods.items.filter((pod) => pod.status.phase === 'Running').length },
    ...(servers === undefined ? {} : { controlPlane: servers }),
    problems: [
      ...(servers === undefined ? [] : controlPlaneProblems(servers)),
      ...states.filter(({ ready }) => !ready).map(({ name, message }) => `node ${name} is not ready: ${message}`),
      ...pods.items.flatMap((pod) => podProblem(pod, events?.items ?? [])),
    ],
  };
}

/** A machine that is only a node may not read everything. */
async function ifAllowed<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (hasReason(error, 'Forbidden')) return undefined;
    throw error;
  }
}

/** How long a pod may take before it counts as stuck. */
const settleMs = 10_000;

function podProblem(pod: Pod, events: readonly Event[]): readonly string[] {
  const { name, namespace = '', uid, creationTimestamp } = pod.metadata;
  const ready = pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  if (ready || pod.status.phase === 'Succeeded' || systemClock.now() - Date.parse(creationTimestamp) < settleMs)
    return [];
  const last = events
    .filter((event) => event.involvedObject.uid === uid)
    .sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .at(-1);
  const waiting = pod.status.containerStatuses?.find(({ state }) => state?.waiting)?.state?.waiting;
  const why = last?.message ?? waiting?.message ?? waiting?.reason ?? 'nothing says why yet';
  return [`pod ${namespace}/${name} is not ready: ${why}`];
}
