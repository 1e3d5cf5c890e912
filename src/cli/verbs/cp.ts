import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, posix, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { boolFlag, intFlag, textFlag } from '../command/flags.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import type { Pod } from '../../api/core/pod.ts';
import { chooseContainer } from '../pods/choose-container.ts';
import { readNamedObject } from '../pods/find-pods.ts';
import { runRemotely } from '../pods/remote-session.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';

const flags = {
  container: textFlag(
    'Container name. If omitted, use the kubectl.kubernetes.io/default-container annotation for selecting the container to be attached or the first container in the pod will be chosen',
    { short: 'c' },
  ),
  'no-preserve': boolFlag(
    "The copied file/directory's ownership and permissions will not be preserved in the container",
  ),
  retries: intFlag(
    'Set number of retries to complete a copy operation from a container. Specify 0 to disable or any negative value for infinite retrying. The default is 0 (no retry).',
  ),
} as const;

/** A side of a copy: a path here, or in a pod. */
interface Place {
  readonly pod: string;
  readonly namespace: string;
  readonly path: string;
}

/** `kubectl cp` */
export const cp = defineVerb({
  usage: 'cp <file-spec-src> <file-spec-dest>',
  long: 'Copy files and directories to and from containers. The container needs the program tar.',
  examples: `# Copy /tmp/foo_dir local directory to /tmp/bar_dir in a remote pod in the default namespace
kubectl cp /tmp/foo_dir <some-pod>:/tmp/bar_dir

# Copy /tmp/foo local file to /tmp/bar in a remote pod in namespace <some-namespace>
kubectl cp /tmp/foo <some-namespace>/<some-pod>:/tmp/bar

# Copy /tmp/foo from a remote pod to /tmp/bar locally
kubectl cp <some-namespace>/<some-pod>:/tmp/foo /tmp/bar`,
  flags,
  async run(invocation) {
    const { args } = invocation;
    if (args.length !== 2) throw new CommandError('source and destination are required');
    const [source, destination] = args.map(placeOf);
    if (!source || !destination) return;
    if (source.pod && destination.pod) throw new CommandError(`one of src or dest must be a local file specification`);
    if (!source.pod && !destination.pod)
      throw new CommandError('one of src or dest must be a remote file specification');
    if (source.path === '' || destination.path === '') throw new CommandError('filepath can not be empty');
    await (source.pod ? copyFromPod(invocation, source, destination) : copyToPod(invocation, source, destination));
  },
});

/** Reads `path`, `pod:path` and `namespace/pod:path`. */
function placeOf(text: string): Place {
  const colon = text.indexOf(':');
  if (colon <= 0) return { pod: '', namespace: '', path: text };
  const [first = '', second, ...more] = text.slice(0, colon).split('/');
  if (more.length > 0) return { pod: '', namespace: '', path: text };
  const path = text.slice(colon + 1);
  return second === undefined ? { pod: first, namespace: '', path } : { pod: second, namespace: first, path };
}

async function copyToPod(invocation: Invocation<typeof flags>, source: Place, destination: Place): Promise<void> {
  const { io, flags: given } = invocation;
  const local = resolve(io.cwd, source.path);
  if (!existsSync(local)) throw new CommandError(`${source.path} doesn't exist in local filesystem`);
  // Like cp: into a directory that is there, else under the new name.
  const isDirectory = (await remote(invocation, destination, ['test', '-d', destination.path], quietIo(io))) === 0;
  const target =
    isDirectory || destination.path.endsWith('/') ? posix.join(destination.path, basename(local)) : destination.path;
  const renamed = `s,^${escaped(basename(local))},${escaped(posix.basename(target))},`;
  const child = spawn('tar', ['-C', dirname(local), '--transform', `flags=r;${renamed}`, '-cf', '-', basename(local)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const extract = [
    'tar',
    given['no-preserve'] ? '--no-same-permissions' : '',
    given['no-preserve'] ? '--no-same-owner' : '',
    '-xmf',
    '-',
    '-C',
    posix.dirname(target),
  ];
  const code = await remote(
    invocation,
    destination,
    extract.filter((word) => word !== ''),
    { ...io, stdin: child.stdout },
  );
  if (code !== 0) throw new CommandError(`tar in the container ended with exit code ${code}`, { exitCode: code });
}

async function copyFromPod(invocation: Invocation<typeof flags>, source: Place, destination: Place): Promise<void> {
  const { io } = invocation;
  const local = resolve(io.cwd, destination.path);
  const intoDirectory = existsSync(local) && statSync(local).isDirectory();
  const name = posix.basename(source.path);
  const target = intoDirectory ? resolve(local, name) : local;
  mkdirSync(dirname(target), { recursive: true });
  const renamed = `s,^${escaped(name)},${escaped(basename(target))},`;
  // What else the container sends than was asked for is left in its archive (CVE-2018-1002100).
  const extract = ['-C', dirname(target), '--transform', `flags=r;${renamed}`, '-xf', '-', '--', name];
  const child = spawn('tar', extract, { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise<number>((done) => void child.once('close', (code) => done(code ?? 1)));
  child.stdin.on('error', () => undefined);
  const code = await remote(invocation, source, ['tar', '-cf', '-', '-C', posix.dirname(source.path), name], {
    ...io,
    stdout: child.stdin,
  });
  child.stdin.end();
  const unpacked = await ended;
  if (code !== 0 || unpacked !== 0)
    throw new CommandError(`copying ${source.path} failed`, { exitCode: code || unpacked });
}

function escaped(text: string): string {
  return text.replaceAll(/[.*^$[\]\\,&]/g, '\\$&');
}

/** Streams that nobody looks at. */
function quietIo(io: CliIo): CliIo {
  const nowhere = (): PassThrough => new PassThrough().resume();
  return { ...io, stdout: nowhere(), stderr: nowhere() };
}

async function remote(
  invocation: Invocation<typeof flags>,
  place: Place,
  command: readonly string[],
  io: CliIo,
): Promise<number> {
  const { session, flags: given } = invocation;
  const namespace = place.namespace || session.namespace.name;
  const pod = place.namespace
    ? asKind<Pod>(
        (await session.connection.json({ path: apiPath(knownResources.Pod, { namespace, name: place.pod }) })) as never,
      )
    : asKind<Pod>(await readNamedObject(session, io, [place.pod]));
  const { name: container, notice } = chooseContainer(pod, given.container);
  if (notice && command[0] === 'tar') invocation.io.stderr.write(`${notice}\n`);
  try {
    return await runRemotely(session, io, {
      path: apiPath(knownResources.Pod, { namespace, name: place.pod, subresource: 'exec' }),
      query: { container, command },
      streams: { stdin: io.stdin !== invocation.io.stdin, tty: false },
    });
  } catch (error) {
    if (error instanceof CommandError && error.plain) return error.exitCode;
    throw error;
  }
}
