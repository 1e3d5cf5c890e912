import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';
import type { CommandIo } from '../command-line.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { UsageError } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { ensureImages } from '../images/cluster-images.ts';
import { fallbackAddress, hostAddresses, prepareHostNetwork } from '../node-network.ts';
import { ensurePki, pkiFiles, readPair, writeSecret } from '../pki/cluster-pki.ts';
import { kubeconfigText } from '../pki/kubeconfig-file.ts';
import { startDetached, stopProcess } from '../process/detached-process.ts';
import { isAlive, readRecords, removeRecord, saveRecord, startTicksOf, upRecord } from '../process/process-record.ts';
import type { ProcessRecord } from '../process/process-record.ts';
import { checkKernel } from '../../network/check-kernel.ts';
import { checkUnchanged, neededCertificates, planCluster, readPlan, savePlan } from './cluster-plan.ts';
import type { ClusterPlan, NodePlan } from './cluster-plan.ts';
import { installPackages, missingPackages } from './packages.ts';
import { preflight, thisMachine } from './preflight.ts';
import { createProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { adminClient, untilDnsAnswers, untilNodesReady, untilServerReady } from './readiness.ts';

/** What `up` made: the plan, and how long each phase took. */
export interface UpResult {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly timings: Progress['timings'];
}

/**
 * Brings the cluster of `config` up, or back up, and returns when the API answers, every node is Ready and cluster DNS
 * answers. Harmless when it already runs. Throws UsageError, before it changes anything, when the machine can't.
 */
export async function up(config: ClusterConfig, io: CommandIo, clock: Clock = systemClock): Promise<UpResult> {
  const layout = layoutOf(config.dataDir);
  refuseSecondUp(layout);
  const progress = createProgress(io.stdout, clock);
  const previous = readPlan(layout);
  checkUnchanged(previous, config);
  await progress.phase('Checking this machine', () => checkMachine(config, layout));
  const missing = missingPackages();
  if (missing.length > 0) {
    await progress.phase(`Installing ${missing.join(', ')}`, () => installPackages(missing));
    // Some of the kernel can only be looked at with the programs that have just come.
    await progress.phase('Checking this machine again', () => checkMachine(config, layout));
  }
  const addresses = hostAddresses();
  const plan = planCluster(config, addresses.primary ?? fallbackAddress(config));
  for (const directory of [layout.logs, layout.run, layout.images]) mkdirSync(directory, { recursive: true });
  chmodSync(layout.root, 0o711);
  using _up = announceUp(layout, clock);
  savePlan(layout, plan);
  await progress.phase('Certificates', () => prepareIdentities(plan, layout, addresses.all, clock));
  await progress.phase('Images', () => ensureImages(layout));
  await progress.phase('Network of the nodes', () => prepareHostNetwork(plan));
  await startAll(plan, layout, clock);
  await using client = await adminClient(layout);
  const watch = { client, plan, layout, clock, signal: io.signal };
  await progress.phase('API server', () => untilServerReady(watch));
  await progress.phase(plan.nodes.length === 1 ? 'Node' : `${plan.nodes.length} nodes`, (note) =>
    untilNodesReady(watch, note),
  );
  await progress.phase('Cluster DNS', (note) => untilDnsAnswers(watch, note));
  return { plan, layout, timings: progress.timings };
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
  const apiServer = readRecords(layout.run).some((record) => record.name === 'server' && isAlive(record));
  const problems = await preflight(config, thisMachine(checkKernel), { apiServer });
  if (problems.length === 0) return;
  throw new UsageError(
    ['this machine is not ready for a cluster:', ...problems.map((problem) => `  - ${problem}`)].join('\n'),
  );
}

async function prepareIdentities(
  plan: ClusterPlan,
  layout: Layout,
  addresses: readonly string[],
  clock: Clock,
): Promise<void> {
  await ensurePki(layout.pki, neededCertificates(plan, [hostname(), ...addresses]), clock.now());
  const files = pkiFiles(layout.pki);
  const ca = readFileSync(files.ca.certificate, 'utf8');
  const write = (path: string, name: string, address: string): void =>
    writeSecret(
      path,
      kubeconfigText({
        cluster: 'kubets',
        server: `https://${address}:${plan.config.apiPort}`,
        ca,
        user: name === 'admin' ? 'kubernetes-admin' : name,
        pair: readPair(files.client(name)),
      }),
    );
  write(layout.adminKubeconfig, 'admin', '127.0.0.1');
  write(layout.file('scheduler.kubeconfig'), 'scheduler', '127.0.0.1');
  write(layout.file('controller-manager.kubeconfig'), 'controller-manager', '127.0.0.1');
  for (const node of plan.nodes) {
    write(layout.node(node.name).kubeletKubeconfig, `kubelet-${node.name}`, nodeApiAddress(plan, node));
    write(layout.node(node.name).proxyKubeconfig, `kube-proxy-${node.name}`, nodeApiAddress(plan, node));
  }
  const { kubeconfig } = plan.config;
  if (kubeconfig === undefined) return;
  mkdirSync(dirname(kubeconfig), { recursive: true });
  writeFileSync(kubeconfig, readFileSync(layout.adminKubeconfig), { mode: 0o600 });
}

function nodeApiAddress(plan: ClusterPlan, node: NodePlan): string {
  return node.netns === undefined ? '127.0.0.1' : plan.apiAddress;
}

async function startAll(plan: ClusterPlan, layout: Layout, clock: Clock): Promise<void> {
  const running = new Map(readRecords(layout.run).map((record) => [record.name, record]));
  const server = { name: 'server', args: ['server'], netns: undefined, settings: plan };
  const agents = plan.nodes.map((node) => ({
    name: `agent-${node.name}`,
    args: ['agent', '--node', node.name],
    netns: node.netns,
    settings: plan,
  }));
  await Promise.all(
    [server, ...agents].map((wanted) => ensureProcess(wanted, running.get(wanted.name), { layout, clock })),
  );
}

interface WantedProcess {
  readonly name: string;
  readonly args: readonly string[];
  readonly netns: string | undefined;
  readonly settings: unknown;
}

async function ensureProcess(
  wanted: WantedProcess,
  record: ProcessRecord | undefined,
  { layout, clock }: { readonly layout: Layout; readonly clock: Clock },
): Promise<void> {
  const entry = process.argv[1] ?? '';
  const fingerprint = fingerprintOf(wanted, entry);
  if (record && isAlive(record)) {
    if (record.fingerprint === fingerprint) return;
    await stopProcess(record, clock);
  }
  const command = [process.execPath, ...nodeFlags(wanted.name), entry, ...wanted.args, '--data-dir', layout.root];
  const entered = wanted.netns === undefined ? command : ['nsenter', `--net=/run/netns/${wanted.netns}`, ...command];
  const [program = '', ...args] = entered;
  await startDetached({
    name: wanted.name,
    command: program,
    args,
    env: { KUBETS_DATA_DIR: layout.root, NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
    logFile: join(layout.logs, `${wanted.name}.log`),
    runDirectory: layout.run,
    fingerprint,
    clock,
  });
}

/** A bounded heap keeps idle memory small: V8 otherwise lets garbage pile up on a machine with much memory. */
function nodeFlags(name: string): readonly string[] {
  const limit = name === 'server' ? 2048 : 512;
  return [
    '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${limit}`,
    '--max-semi-space-size=4',
    '--expose-gc',
  ];
}

function fingerprintOf(wanted: WantedProcess, entry: string): string {
  const built = statSync(entry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return createHash('sha256')
    .update(JSON.stringify([wanted, built]))
    .digest('hex')
    .slice(0, 16);
}
