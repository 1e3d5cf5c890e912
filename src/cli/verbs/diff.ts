import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasReason } from '../../base/errors.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { parseLabelSelector } from '../../machinery/selector.ts';
import { patchOf } from '../apply/apply-object.ts';
import { clientSideManager, serverSideManagerOf } from '../apply/server-side-apply.ts';
import { writeQuery } from '../change/dry-run.ts';
import { lastAppliedAnnotation } from '../change/last-applied.ts';
import { patchObject } from '../change/patch-object.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError, ExitStatus, usageError } from '../command/command-error.ts';
import { errorReport } from '../command/error-text.ts';
import { boolFlag, intFlag } from '../command/flags.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { shownObject } from '../get/get-context.ts';
import { toYaml } from '../output/yaml-output.ts';
import { asKubeObject, withValueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { fetchTarget, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { fieldManagerFlag, fileFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('contains the configuration to diff'),
  ...selectorFlag,
  ...fieldManagerFlag(clientSideManager),
  concurrency: intFlag(
    'Number of objects to process in parallel when diffing against the live version. Larger number = faster, but more memory, I/O and CPU over that shorter period of time.',
    { initial: 1 },
  ),
  'force-conflicts': boolFlag('If true, server-side apply will force the changes against conflicts.'),
  prune: boolFlag('Include resources that would be deleted by pruning.'),
  'server-side': boolFlag('If true, apply runs in the server instead of the client.'),
  'show-managed-fields': boolFlag('If true, include managed fields in the diff.'),
} as const;

type DiffInvocation = Invocation<typeof flags>;

/** `kubectl diff` */
export const diff = defineVerb({
  usage: 'diff -f FILENAME',
  long: `Diff configurations specified by file name or stdin between the current online configuration, and the configuration as it would be if applied.

 The output is always YAML.

 KUBECTL_EXTERNAL_DIFF environment variable can be used to select your own diff command. Users can use external commands with params too, example: KUBECTL_EXTERNAL_DIFF="colordiff -N -u"

 By default, the "diff" command available in your path will be run with the "-u" (unified diff) and "-N" (treat absent files as empty) options.

 Exit status: 0 No differences were found. 1 Differences were found. >1 Kubectl or diff failed with an error.`,
  examples: `# Diff resources included in pod.json
kubectl diff -f pod.json

# Diff file read from stdin
cat service.yaml | kubectl diff -f -`,
  flags,
  async run(invocation) {
    const { io } = invocation;
    try {
      return await diffFiles(invocation);
    } catch (error) {
      if (io.signal?.aborted) throw error;
      // 1 says that there are differences; failures begin at 2.
      const { text, exitCode } = errorReport(error);
      if (text !== '') io.stderr.write(`${text.trimEnd()}\n`);
      throw new ExitStatus(exitCode + 1);
    }
  },
});

async function diffFiles(invocation: DiffInvocation): Promise<number> {
  const { args, flags: given, session, io, command } = invocation;
  if (given.filename.length === 0 && !given.kustomize) throw new CommandError('must specify one of -f and -k');
  if (given['force-conflicts'] && !given['server-side']) {
    throw new CommandError('--force-conflicts only works with --server-side');
  }
  if (args.length > 0) throw usageError(command, `Unexpected args: [${args.join(' ')}]`);
  refuseMissing(given);
  const matches = parseLabelSelector(given.selector);
  const all = await resolveTargets(session, io, { filenames: given.filename, recursive: given.recursive });
  const targets = all.filter(({ manifest }) => given.selector === '' || matches(manifest?.object.metadata.labels));
  const directory = mkdtempSync(join(tmpdir(), 'kubectl-diff-'));
  try {
    const places = { live: join(directory, 'LIVE'), merged: join(directory, 'MERGED') };
    for (const place of Object.values(places)) mkdirSync(place);
    const queue = targets.values();
    const work = async (): Promise<void> => {
      for (const target of queue) await writeVersions(invocation, target, places);
    };
    await Promise.all(Array.from({ length: Math.max(given.concurrency, 1) }, work));
    return await runDiff(io, places.live, places.merged);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function refuseMissing(given: { prune: boolean; kustomize: string }): void {
  if (given.prune) throw new CommandError('this kubectl does not prune: leave out --prune');
  if (given.kustomize) {
    throw new CommandError(
      'this kubectl does not build kustomizations: render them first and pass the result with -f -',
    );
  }
}

/** Writes what is there and what would be there into a file of the same name in both places. */
async function writeVersions(
  invocation: DiffInvocation,
  target: Target,
  places: { readonly live: string; readonly merged: string },
): Promise<void> {
  const { manifest, resource, namespace, name } = target;
  if (!manifest) return;
  if (!name) throw new CommandError('resource name may not be empty');
  const versions = await versionsOf(invocation, { ...target, name }, manifest.object);
  const shown = [versions.live, versions.merged].map(
    (object) => object && shownObject(object, invocation.flags['show-managed-fields']),
  );
  const isSecret = resource.group === '' && resource.kind === 'Secret';
  const [live, merged] = isSecret ? maskedSecrets(shown[0], shown[1]) : shown;
  const group = resource.group === '' ? '' : `${resource.group}.`;
  const file = `${group}${resource.version}.${resource.kind}.${namespace}.${name}`;
  writeFileSync(join(places.live, file), live ? toYaml(live) : '', { mode: 0o700 });
  writeFileSync(join(places.merged, file), merged ? toYaml(merged) : '', { mode: 0o700 });
}

interface Versions {
  readonly live: KubeObject | undefined;
  readonly merged: KubeObject;
}

const attempts = 4;

/** Reads the object and has the server try, without keeping it, what `apply` would make of it. */
async function versionsOf(
  { flags: given, session, io }: DiffInvocation,
  target: Target & { readonly name: string },
  object: KubeObject,
): Promise<Versions> {
  const { resource, namespace, name } = target;
  const place = { resource, namespace, name };
  const named = resource.namespaced ? withValueAt(object, ['metadata', 'namespace'], namespace) : object;
  // What apply notes about itself is no difference to show.
  const { [lastAppliedAnnotation]: _note, ...annotations } = named.metadata.annotations ?? {};
  const wanted = withValueAt(named, ['metadata', 'annotations'], annotations);
  const options = { dryRun: 'server', fieldManager: given['field-manager'] } as const;
  const force = given['force-conflicts'];
  for (let attempt = 1; ; attempt += 1) {
    const live = await readLive();
    if (live?.metadata.deletionTimestamp !== undefined) {
      io.stderr.write(`Warning: Detected changes to resource ${name} which is currently being deleted.\n`);
    }
    try {
      if (given['server-side']) return { live, merged: await applied() };
      return { live, merged: live ? await patched(live, attempt < attempts) : await created() };
    } catch (error) {
      if (!hasReason(error, 'Conflict') || attempt === attempts) throw error;
    }
  }

  async function readLive(): Promise<KubeObject | undefined> {
    try {
      return (await fetchTarget(session, place))[0]?.object;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  function applied(): Promise<KubeObject> {
    const fieldManager = serverSideManagerOf(given['field-manager']);
    return patchObject(session, place, { type: 'apply', body: named, ...options, fieldManager, force });
  }

  async function created(): Promise<KubeObject> {
    const path = apiPath(resource, { namespace });
    return asKubeObject(
      await session.connection.json({ method: 'POST', path, query: writeQuery(options), body: wanted }),
    );
  }

  /** With `locked`, a change of somebody else meanwhile is a conflict: both versions are to be of one moment. */
  async function patched(live: KubeObject, locked: boolean): Promise<KubeObject> {
    const { type, body } = patchOf(wanted, live);
    if (Object.keys(body).length === 0) return live;
    const lock = ['metadata', 'resourceVersion'];
    const sent = locked ? withValueAt(body, lock, live.metadata.resourceVersion) : body;
    return patchObject(session, place, { type, body: sent, ...options });
  }
}

/** Both with asterisks for their values; those that differ still do. */
function maskedSecrets(
  live: KubeObject | undefined,
  merged: KubeObject | undefined,
): readonly (KubeObject | undefined)[] {
  const [before, after] = [dataOf(live), dataOf(merged)];
  const masked = (object: KubeObject | undefined, own: Data, other: Data, mark: string): KubeObject | undefined => {
    if (!object || !own) return object;
    const mask = (key: string): string => (other && key in other && other[key] !== own[key] ? `*** (${mark})` : '***');
    return withValueAt(object, ['data'], Object.fromEntries(Object.keys(own).map((key) => [key, mask(key)])));
  };
  return [masked(live, before, after, 'before'), masked(merged, after, before, 'after')];
}

type Data = Readonly<Record<string, unknown>> | undefined;

function dataOf(object: KubeObject | undefined): Data {
  const data = object?.['data'];
  return isJsonObject(data) ? data : undefined;
}

/** Runs the program that shows differences; gives its exit code, 0 or 1. */
function runDiff(io: CliIo, from: string, to: string): Promise<number> {
  const [program = 'diff', ...words] = (io.env['KUBECTL_EXTERNAL_DIFF'] || 'diff').split(' ');
  const external = Boolean(io.env['KUBECTL_EXTERNAL_DIFF']);
  const args = external ? [from, to, ...words.filter((word) => /^[a-zA-Z0-9-=]+$/.test(word))] : ['-u', '-N', from, to];
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void =>
      reject(new CommandError(`failed to run ${JSON.stringify(program)}: ${reason}`, { cause }));
    const child = spawn(program, args, {
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { ...io.env },
      cwd: io.cwd,
      ...(io.signal ? { signal: io.signal } : {}),
    });
    child.stdout.on('data', (chunk: Buffer) => io.stdout.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => io.stderr.write(chunk));
    child.once('error', (error) =>
      fail('code' in error && error.code === 'ENOENT' ? 'executable file not found in $PATH' : error.message, error),
    );
    child.once('close', (code, signal) => {
      if (code === 0 || code === 1) resolve(code);
      else fail(code === null ? `signal: ${signal ?? ''}` : `exit status ${code}`);
    });
  });
}
