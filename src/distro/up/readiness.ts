import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ObjectList } from '../../client/client.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { agentStatusFile } from '../agent/agent-status.ts';
import type { AgentStatus } from '../agent/agent-status.ts';
import type { Layout } from '../config/layout.ts';
import { isAlive, readRecords } from '../process/process-record.ts';
import type { ClusterPlan, NodePlan } from './cluster-plan.ts';

/** What waiting needs. */
export interface Waiting {
  readonly client: HttpClient;
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const patienceMs = 120_000;
const pollMs = 25;

/** A client of this machine: the administrator at its own API server, or a worker's kubelet at any. */
export async function ownClient(plan: ClusterPlan, layout: Layout): Promise<HttpClient> {
  return createHttpClient({ ...(await ownConnection(plan, layout)), userAgent: 'kubets-up' });
}

/** The same as a connection. `elsewhere`: at any API server of the cluster, for ours does not run. */
export async function ownConnection(plan: ClusterPlan, layout: Layout, elsewhere?: 'elsewhere'): Promise<Connection> {
  const [node] = plan.nodes;
  if (plan.role === 'worker' && node !== undefined)
    return (await loadKubeconfig(layout.node(node.name).kubeletKubeconfig)).connection;
  const { connection } = await loadKubeconfig(layout.adminKubeconfig);
  return elsewhere ? connection : { ...connection, servers: [`https://127.0.0.1:${plan.config.apiPort}`] };
}

/** Resolves once `/readyz` answers 200. */
export async function untilServerReady(waiting: Waiting): Promise<void> {
  await until(waiting, waiting.plan.role === 'server' ? 'server' : 'agent', async () => {
    await waiting.client.text({ method: 'GET', path: '/readyz', signal: AbortSignal.timeout(2_000) });
    return undefined;
  });
}

/** Resolves once every planned node is Ready. `note` says what is waited for. */
export async function untilNodesReady(waiting: Waiting, note: (text: string) => void): Promise<void> {
  await until(waiting, 'agent', async () => {
    // By name: a machine that is only a node may read no others.
    const named = ({ name }: NodePlan): Promise<ObjectList<Node>> =>
      waiting.client.list(Node, { fieldSelector: `metadata.name=${name}` });
    const items = (await Promise.all(waiting.plan.nodes.map(named))).flatMap((list) => list.items);
    const ready = new Set(
      items
        .filter((node) => node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
        .map((node) => node.metadata.name),
    );
    const missing = waiting.plan.nodes.filter((node) => !ready.has(node.name)).map((node) => node.name);
    const text = missing
      .map(
        (name) =>
          `${name} ${notReadyReason(items.find((node) => node.metadata.name === name)) ?? agentStep(waiting, name)}`,
      )
      .join(', ');
    note(text);
    return missing.length === 0 ? undefined : text;
  });
}

/** Resolves once every node's agent has had an answer from cluster DNS. */
export async function untilDnsAnswers(waiting: Waiting, note: (text: string) => void): Promise<void> {
  await until(waiting, 'agent', async () => {
    const missing = waiting.plan.nodes.filter((node) => !readAgentStatus(waiting.layout, node.name)?.dnsAnswered);
    const text = missing.map((node) => `no answer yet on ${node.name}`).join(', ');
    note(text);
    return missing.length === 0 ? undefined : text;
  });
}

function notReadyReason(node: Node | undefined): string | undefined {
  return node?.status.conditions?.find(({ type }) => type === 'Ready')?.message;
}

function agentStep(waiting: Waiting, name: string): string {
  const status = readAgentStatus(waiting.layout, name);
  return status?.problem ?? status?.step ?? 'is starting';
}

/** What the agent of `node` last said of itself; undefined before it has. */
export function readAgentStatus(layout: Layout, node: string): AgentStatus | undefined {
  try {
    return JSON.parse(readFileSync(agentStatusFile(layout, node), 'utf8')) as AgentStatus;
  } catch {
    return undefined;
  }
}

async function until(waiting: Waiting, process: string, problem: () => Promise<string | undefined>): Promise<void> {
  const deadline = waiting.clock.monotonic() + patienceMs;
  for (;;) {
    waiting.signal.throwIfAborted();
    const wrong = await problem().catch((error: unknown) => messageOf(error));
    if (wrong === undefined) return;
    failIfEnded(waiting, process);
    if (waiting.clock.monotonic() > deadline) {
      throw new Error(`gave up after ${patienceMs / 1000} s: ${wrong}; the logs are in ${waiting.layout.logs}`);
    }
    await waiting.clock.sleep(pollMs, waiting.signal);
  }
}

function failIfEnded(waiting: Waiting, process: string): void {
  const ended = readRecords(waiting.layout.run).find((record) => record.name.startsWith(process) && !isAlive(record));
  if (!ended) return;
  const log = join(waiting.layout.logs, `${ended.name}.log`);
  throw new Error(`${ended.name} ended by itself: ${lastLines(log)} (${log})`);
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim().split('\n').slice(-3).join(' / ');
  } catch {
    return 'it wrote nothing';
  }
}
