import { chmodSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { CommandIo } from '../command-line.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError, spansMachines } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { ensureImages } from '../images/cluster-images.ts';
import { givenToken } from '../join/cluster-token.ts';
import { settingsOf, withSettings } from '../join/shared-data.ts';
import { clusterAdmission } from '../server/cluster-admission.ts';
import { clusterAuthentication } from '../server/cluster-authentication.ts';
import { clusterAuthorization } from '../server/cluster-authorization.ts';
import { checkClusterAudit } from '../server/cluster-audit.ts';
import { fallbackAddress, hostAddresses, prepareHostNetwork } from '../node-network.ts';
import { isAlive, readRecords, removeRecord, saveRecord, startTicksOf, upRecord } from '../process/process-record.ts';
import { checkKernel } from '../../network/check-kernel.ts';
import { checkUnchanged, planCluster, readPlan, savePlan } from './cluster-plan.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { prepareServer, prepareWorker } from './identities.ts';
import type { Becoming } from './identities.ts';
import { installPackages, missingPackages } from './packages.ts';
import { preflight, thisMachine } from './preflight.ts';
import { startProcesses } from './processes.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { ownClient, untilDnsAnswers, untilNodesReady, untilServerReady } from './readiness.ts';

/** What `up` made: the plan, and how long each phase took. */
export interface UpResult {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly timings: Progress['timings'];
}

/**
 * Brings the cluster of `config` up, or back up, and returns when the API answers, every node of this machine is Ready
 * and cluster DNS answers. Harmless when it already runs. Throws UsageError, before it changes anything, when the
 * machine can't.
 */
export async function up(wanted: ClusterConfig, io: CommandIo, clock: Clock = systemClock): Promise<UpResult> {
  const layout = layoutOf(wanted.dataDir);
  refuseSecondUp(layout);
  const progress = createProgress(io.stdout, clock);
  const previous = readPlan(layout);
  // Of a cluster of several machines the settings were agreed upon; they need not be said again.
  const config = previous && spansMachines(wanted) ? withSettings(wanted, settingsOf(previous.config)) : wanted;
  checkUnchanged(previous, config);
  checkClusterAudit(config, layout);
  await clusterAdmission(config);
  await clusterAuthentication(config, { clock, log: silentLogger });
  await clusterAuthorization(config, { clock, log: silentLogger });
  const token = givenToken(config.tokenFile, process.env);
  await progress.phase('Checking this machine', () => checkMachine(config, layout));
  const missing = missingPackages();
  if (missing.length > 0) {
    await progress.phase(`Installing ${missing.join(', ')}`, () => installPackages(missing));
    // Some of the kernel can only be looked at with the programs that have just come.
    await progress.phase('Checking this machine again', () => checkMachine(config, layout));
  }
  const addresses = hostAddresses();
  const intended = planCluster(config, { address: ownAddress(config), hostName: hostname(), previous });
  for (const directory of [layout.logs, layout.run, layout.images]) mkdirSync(directory, { recursive: true });
  chmodSync(layout.root, 0o711);
  using _up = announceUp(layout, clock);
  savePlan(layout, intended);
  const { signal } = io;
  const becoming = { plan: intended, layout, addresses: addresses.all, token, clock, signal };
  const plan = await becomePart(becoming, progress);
  savePlan(layout, plan);
  await progress.phase('Images', () => ensureImages(layout));
  await progress.phase('Network of the nodes', () => prepareHostNetwork(plan));
  await startProcesses(plan, { layout, clock });
  await using client = await ownClient(plan, layout);
  const watch = { client, plan, layout, clock, signal };
  await progress.phase('API server', () => untilServerReady(watch));
  await progress.phase(plan.nodes.length === 1 ? 'Node' : `${plan.nodes.length} nodes`, (note) =>
    untilNodesReady(watch, note),
  );
  await progress.phase('Cluster DNS', (note) => untilDnsAnswers(watch, note));
  return { plan, layout, timings: progress.timings };
}

function becomePart(becoming: Omit<Becoming, 'note'>, progress: Progress): Promise<ClusterPlan> {
  return becoming.plan.role === 'worker'
    ? progress.phase('Joining the cluster', (note) => prepareWorker({ ...becoming, note }))
    : progress.phase('Certificates', (note) => prepareServer({ ...becoming, note }));
}

function ownAddress(config: ClusterConfig): string {
  const { primary } = hostAddresses();
  if (primary === undefined && config.nodeIP === undefined && spansMachines(config)) {
    throw new UsageError(
      'this machine has no address by which the other machines of the cluster reach it: connect it, or name one with --node-ip',
    );
  }
  return primary ?? fallbackAddress(config);
}

/** Two at once would start everything twice. */
function refuseSecondUp(layout: Layout): void {
  const other = readRecords(layout.run).find((record) => record.name === upRecord && isAlive(record));
  if (other)
    throw new UsageError(
      `another kubets up (process ${other.pid}) is at work on ${layout.root}: wait until it has ended`,
    );
}

function announceUp(layout: Layout, clock: Clock): Disposable {
  const startTicks = startTicksOf(process.pid) ?? 0;
  saveRecord(layout.run, { name: upRecord, pid: process.pid, startTicks, since: clock.now(), fingerprint: '' });
  return { [Symbol.dispose]: () => removeRecord(layout.run, upRecord) };
}

async function checkMachine(config: ClusterConfig, layout: Layout): Promise<void> {
  const alive = readRecords(layout.run).filter(isAlive);
  const problems = await preflight(config, thisMachine(checkKernel), {
    apiServer: alive.some(({ name }) => name === 'server'),
    agent: alive.some(({ name }) => name.startsWith('agent-')),
  });
  if (problems.length === 0) return;
  throw new UsageError(
    ['this machine is not ready for a cluster:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
  );
}
