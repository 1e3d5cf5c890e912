import { readlinkSync, rmSync } from 'node:fs';
import { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { CommandIo } from '../command-line.ts';
import { UsageError, spansMachines } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { stopContainerd } from '../containerd/stop-containerd.ts';
import { removeHostNetwork, removeNodeNetwork } from '../node-network.ts';
import { stopProcess } from '../process/detached-process.ts';
import { pidsWithEnvironment, readRecords, removeRecord, startTicksOf, upRecord } from '../process/process-record.ts';
import { knownServers } from '../join/known-servers.ts';
import type { ProcessRecord } from '../process/process-record.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { readPlan } from '../up/cluster-plan.ts';
import { createProgress } from '../up/progress.ts';
import { ownConnection } from '../up/readiness.ts';
import { removeCgroups, unmountUnder } from './leftovers.ts';

const leavingMs = 3_000;

/** Which cluster to stop. */
export interface DownOptions {
  readonly dataDir: string;
  /** Also delete the data. */
  readonly purge: boolean;
}

/**
 * Stops everything of a cluster, also what a killed `up` left half made: it goes by the plan that `up` writes first and
 * by what is found, never by what should be there. Idempotent.
 */
export async function down(options: DownOptions, io: CommandIo, clock: Clock = systemClock): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new UsageError('kubets down must run as root, as kubets up did: run it with sudo');
  const layout = layoutOf(options.dataDir);
  const plan = readPlan(layout);
  const progress = createProgress(io.stdout, clock);
  if (plan) {
    await progress.phase('Stopping kubets', () => stopOwn(layout, clock));
    // Only now: a kubelet that lives would come back.
    if (options.purge && spansMachines(plan.config))
      await progress.phase('Leaving the cluster', () => leave(plan, layout));
    await progress.phase('Stopping pods and containerd', () => stopNodes(plan, layout, clock));
    await progress.phase('Removing the network', () => removeNetworks(plan));
    await progress.phase('Stopping what is left', () => stopRest(layout, plan, clock));
  } else {
    io.stdout.write(`nothing runs from ${options.dataDir}\n`);
  }
  if (options.purge) rmSync(layout.root, { recursive: true, force: true });
}

/** Takes the nodes of this machine out of a cluster that goes on elsewhere, if it may and somebody answers. */
async function leave(plan: ClusterPlan, layout: Layout): Promise<void> {
  const signal = AbortSignal.timeout(leavingMs);
  try {
    const servers = knownServers(layout).map((server) => `https://${server}`);
    await using client = createHttpClient({ ...(await ownConnection(plan, layout)), servers });
    for (const { name } of plan.nodes) await client.delete(Node, { name }, { signal });
  } catch {
    // A node that only was one may not; kubectl delete node does it from elsewhere.
  }
}

/** `up` first, since it starts the others; then agents and server. */
async function stopOwn(layout: Layout, clock: Clock): Promise<void> {
  const records = readRecords(layout.run);
  const up = records.filter(({ name }) => name === upRecord);
  await Promise.all(up.map((record) => stopProcess(record, clock)));
  const own = records.filter(({ name }) => name === 'server' || name.startsWith('agent-'));
  await Promise.all(own.map((record) => stopProcess(record, clock)));
  for (const { name } of [...up, ...own]) removeRecord(layout.run, name);
  const stray = strays(layout).filter(({ name }) => name === 'kubets');
  await Promise.all(stray.map((record) => stopProcess(record, clock)));
}

async function stopNodes(plan: ClusterPlan, layout: Layout, clock: Clock): Promise<void> {
  await Promise.all(
    plan.nodes.map((node) =>
      stopContainerd({
        name: `containerd-${node.name}`,
        directory: layout.node(node.name).containerd,
        runDirectory: layout.run,
        clock,
      }),
    ),
  );
  await unmountUnder(layout.root);
}

async function removeNetworks(plan: ClusterPlan): Promise<void> {
  for (const node of plan.nodes) await removeNodeNetwork(plan, node);
  await removeHostNetwork(plan);
}

async function stopRest(layout: Layout, plan: ClusterPlan, clock: Clock): Promise<void> {
  await Promise.all(strays(layout).map((record) => stopProcess(record, clock, 1_000)));
  await removeCgroups(`kubets-${plan.id}`, clock);
  rmSync(layout.run, { recursive: true, force: true });
}

/** Processes of this cluster without a record: whatever carries its data directory in the environment. */
function strays(layout: Layout): readonly ProcessRecord[] {
  return pidsWithEnvironment('KUBETS_DATA_DIR', layout.root).map((pid) => ({
    name: programOf(pid) === process.execPath ? 'kubets' : 'other',
    pid,
    startTicks: startTicksOf(pid) ?? 0,
    since: 0,
    fingerprint: '',
  }));
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}
