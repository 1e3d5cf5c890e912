import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Layout } from '../config/layout.ts';
import { mallocSettings } from '../process/malloc-settings.ts';
import { startDetached, stopProcess } from '../process/detached-process.ts';
import { isAlive, readRecords } from '../process/process-record.ts';
import type { ProcessRecord } from '../process/process-record.ts';
import type { ClusterPlan } from './cluster-plan.ts';

/** Where processes run, and by which clock. */
interface Place {
  readonly layout: Layout;
  readonly clock: Clock;
}

interface WantedProcess {
  readonly name: string;
  readonly args: readonly string[];
  readonly netns: string | undefined;
  readonly settings: unknown;
}

/** Starts the server, unless the machine has none, and the agents; again where settings or program have changed. */
export async function startProcesses(plan: ClusterPlan, place: Place): Promise<void> {
  const running = new Map(readRecords(place.layout.run).map((record) => [record.name, record]));
  const server = { name: 'server', args: ['server'], netns: undefined, settings: plan };
  const agents = plan.nodes.map((node) => ({
    name: `agent-${node.name}`,
    args: ['agent', '--node', node.name],
    netns: node.netns,
    settings: plan,
  }));
  const wanted = plan.role === 'server' ? [server, ...agents] : agents;
  await Promise.all(wanted.map((one) => ensureProcess(one, running.get(one.name), place)));
}

async function ensureProcess(
  wanted: WantedProcess,
  record: ProcessRecord | undefined,
  { layout, clock }: Place,
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
    env: { KUBETS_DATA_DIR: layout.root, NODE_ENV: 'production', ...mallocSettings },
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
    // What a request is made of must not count as old: see the launcher.
    '--no-allocation-site-pretenuring',
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
