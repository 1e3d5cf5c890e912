import { join, resolve } from 'node:path';
import { systemClock } from '../../base/system-clock.ts';
import { snapshotStatus } from '../../store/snapshot/snapshot-file.ts';
import type { CommandIo } from '../command-line.ts';
import { locationText, parseStoreLocation } from '../components/store-location.ts';
import type { StoreLocation } from '../components/store-location.ts';
import { dataDirFrom } from '../commands/cluster-options.ts';
import { UsageError } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { isAlive, readRecords } from '../process/process-record.ts';
import { readPlan } from '../up/cluster-plan.ts';
import { clusterLocation } from './cluster-location.ts';
import { snapshotFolder } from './cluster-snapshots.ts';
import { onDemandName } from './snapshot-name.ts';
import { statusOutput } from './status-table.ts';
import { fillStore, openSource, saveSnapshot } from './store-place.ts';
import type { StorePlace } from './store-place.ts';

/** One call of `kubets store …`. */
export interface StoreCall {
  /** What follows the action's name. */
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly io: CommandIo;
}

/** What `kubets store` can do, by name; each resolves with the exit code. */
export const storeActions: Readonly<Record<string, (call: StoreCall) => Promise<number>>> = {
  'snapshot save': save,
  'snapshot status': status,
  'snapshot restore': restore,
  migrate,
};

async function save({ args, options, io }: StoreCall): Promise<number> {
  const layout = layoutOf(dataDirFrom(options));
  const path = resolve(fileOf(args) ?? join(snapshotFolder(readPlan(layout), layout), onDemandName(systemClock.now())));
  const format = formatOf(options);
  const saved = await saveSnapshot(sourceOf(options, layout), path, io.signal);
  if (format === 'table') io.stdout.write(`${path}: ${saved.count} objects at revision ${saved.revision}\n`);
  io.stdout.write(statusOutput(saved, format));
  return 0;
}

async function status({ args, options, io }: StoreCall): Promise<number> {
  const file = fileOf(args);
  if (file === undefined) throw new UsageError('kubets store snapshot status takes the file of a snapshot');
  const format = formatOf(options);
  io.stdout.write(statusOutput(await snapshotStatus(resolve(file)), format));
  return 0;
}

async function restore({ args, options, io }: StoreCall): Promise<number> {
  const file = fileOf(args);
  if (file === undefined) throw new UsageError('kubets store snapshot restore takes the file of a snapshot');
  const layout = layoutOf(dataDirFrom(options));
  if (options.kubeconfig !== undefined)
    throw new UsageError('a snapshot is restored while no API server runs: --kubeconfig makes no sense');
  const location = namedLocation(options) ?? stoppedCluster(layout);
  return copy({ kind: 'snapshot', path: resolve(file) }, location, { options, io });
}

async function migrate({ args, options, io }: StoreCall): Promise<number> {
  if (args.length > 0 || typeof options.from !== 'string' || typeof options.to !== 'string') {
    throw new UsageError('kubets store migrate takes --from and --to, each sqlite:///file, etcd or file:///snapshot');
  }
  if (options.from === options.to) throw new UsageError(`--from and --to are the same: ${options.from}`);
  const [from, to] = [placeOf(options.from, options), placeOf(options.to, options)];
  if (to.kind === 'snapshot') {
    const saved = await saveSnapshot(from, to.path, io.signal);
    io.stdout.write(`${to.path}: ${saved.count} objects at revision ${saved.revision}, compared\n`);
    return 0;
  }
  if (to.kind !== 'store') throw new UsageError('--to can not be a running server');
  return copy(from, to.location, { options, io });
}

async function copy(from: StorePlace, to: StoreLocation, { options, io }: Omit<StoreCall, 'args'>): Promise<number> {
  const bump = bumpOf(options);
  await using opened = await openSource(from, io.signal);
  const { header } = opened.source;
  const progress = (done: number, all: number): void =>
    void io.stderr.write(`bringing etcd above the revisions that clients have seen: ${done} of ${all} writes\n`);
  const force = options.force === true;
  const filled = await fillStore(to, opened.source, { force, bump, progress, signal: io.signal });
  io.stdout.write(
    [
      `${locationText(to)}: ${filled.count} objects, as of revision ${header.revision} of ${header.store} at ${header.time}`,
      ...(filled.kept === undefined ? [] : [`what was there before is kept in ${filled.kept}`]),
      '',
    ].join('\n'),
  );
  return 0;
}

function sourceOf(options: StoreCall['options'], layout: Layout): StorePlace {
  const location = namedLocation(options);
  if (typeof options.kubeconfig === 'string') {
    if (location) throw new UsageError('give one of --kubeconfig, --store and --etcd-servers');
    return { kind: 'server', kubeconfig: resolve(options.kubeconfig) };
  }
  if (location) return { kind: 'store', location };
  if (serverRuns(layout)) return { kind: 'server', kubeconfig: layout.adminKubeconfig };
  return { kind: 'store', location: ownLocation(layout) };
}

function stoppedCluster(layout: Layout): StoreLocation {
  if (serverRuns(layout)) {
    throw new UsageError(`the cluster in ${layout.root} runs: kubets down stops it, --data-dir names another`);
  }
  return ownLocation(layout);
}

function serverRuns(layout: Layout): boolean {
  return readRecords(layout.run).some((record) => record.name === 'server' && isAlive(record));
}

function ownLocation(layout: Layout): StoreLocation {
  const plan = readPlan(layout);
  return plan ? clusterLocation(plan, layout) : { path: layout.store };
}

/** The store that options name; undefined if they name none. */
function namedLocation(options: StoreCall['options']): StoreLocation | undefined {
  const etcd = etcdOf(options);
  if (typeof options.store !== 'string') return etcd;
  if (etcd) throw new UsageError('give one of --store and --etcd-servers');
  return storeOf(options.store, '--store');
}

function etcdOf(options: StoreCall['options']): StoreLocation | undefined {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  const urls = text('etcdServers');
  if (urls === undefined) return undefined;
  const servers = urls.split(',');
  const wrong = servers.find((url) => !/^https?:\/\/[^/\s]+$/.test(url));
  if (wrong !== undefined) {
    throw new UsageError(
      `--etcd-servers must be URLs such as https://10.0.0.1:2379, with commas between, not ${JSON.stringify(wrong)}`,
    );
  }
  const files = { caFile: text('etcdCafile'), certFile: text('etcdCertfile'), keyFile: text('etcdKeyfile') };
  return { etcd: { servers, prefix: text('etcdPrefix'), ...files } };
}

function storeOf(text: string, option: string): StoreLocation {
  const location = parseStoreLocation(text);
  if (location && location !== 'memory') return location;
  throw new UsageError(`${option} must be sqlite:///absolute/path/of/a/file, not ${JSON.stringify(text)}`);
}

function placeOf(text: string, options: StoreCall['options']): StorePlace {
  if (text === 'etcd') {
    const location = etcdOf(options);
    if (location) return { kind: 'store', location };
    throw new UsageError('--etcd-servers says which etcd');
  }
  if (text.startsWith('sqlite:')) return { kind: 'store', location: storeOf(text, '--from and --to') };
  const path = /^file:\/\/(\/.+)$/.exec(text)?.[1] ?? (/^[a-z]+:/.test(text) ? undefined : resolve(text));
  if (path !== undefined) return { kind: 'snapshot', path };
  throw new UsageError(`--from and --to are sqlite:///file, etcd or file:///snapshot, not ${JSON.stringify(text)}`);
}

function fileOf([file, ...more]: readonly string[]): string | undefined {
  if (more.length > 0) throw new UsageError(`one file is meant, not ${more.length + 1}`);
  return file;
}

function formatOf({ output = 'table' }: StoreCall['options']): 'table' | 'json' {
  if (output === 'table' || output === 'json') return output;
  throw new UsageError(`--output is table or json, not ${JSON.stringify(output)}`);
}

function bumpOf({ bumpRevision: text }: StoreCall['options']): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--bump-revision must be a whole number, not ${JSON.stringify(text)}`);
}
