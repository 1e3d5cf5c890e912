import type { Pod } from '../../api/core/pod.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { chooseContainer } from '../pods/choose-container.ts';
import { attachablePod, readNamedObject } from '../pods/find-pods.ts';
import { runRemotely } from '../pods/remote-session.ts';
import { knownResources } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import { requireObjects } from '../resource/targets.ts';
import { fileFlags, remoteSessionFlags } from './shared-flags.ts';

const flags = {
  ...fileFlags('to use to exec into the resource'),
  ...remoteSessionFlags,
} as const;

/** `kubectl exec` */
export const exec = defineVerb({
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  long: 'Execute a command in a container.',
  examples: `# Get output from running the 'date' command from pod mypod, using the first container by default
kubectl exec mypod -- date

# Get output from running the 'date' command in ruby-container from pod mypod
kubectl exec mypod -c ruby-container -- date

# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod
# and sends stdout/stderr from 'bash' back to the client
kubectl exec mypod -c ruby-container -i -t -- bash -il

# Get output from running 'date' command from the first pod of the deployment mydeployment, using the first container by default
kubectl exec deploy/mydeployment -- date`,
  flags,
  async run(invocation) {
    const { args, dash, flags: given, session, io } = invocation;
    const words = dash === undefined ? args : args.slice(0, dash);
    const remote = dash === undefined ? [] : args.slice(dash);
    if (words.length === 0 && given.filename.length === 0)
      throw new CommandError('pod, type/name or --filename must be specified');
    if (words.length > 1) {
      throw new CommandError(
        "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples",
      );
    }
    if (remote.length === 0) throw new CommandError('you must specify at least one command for the container');
    const pod = await podToExecIn(invocation, words);
    const { phase } = pod.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') {
      throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
    }
    // A container that does not exist is for the server to refuse.
    const { name: container, notice } = given.container
      ? { name: given.container, notice: undefined }
      : chooseContainer(pod, '');
    if (notice && !given.quiet) io.stderr.write(`${notice}\n`);
    const tty = given.tty && (io.stdin.isTTY ?? false);
    if (given.tty && !tty && !given.quiet)
      io.stderr.write('Unable to use a TTY - input is not a terminal or the right kind of file\n');
    const { namespace, name } = pod.metadata;
    return runRemotely(session, io, {
      path: apiPath(knownResources.Pod, { namespace, name, subresource: 'exec' }),
      query: { container, command: remote },
      streams: { stdin: given.stdin, tty },
    });
  },
});

async function podToExecIn(
  { flags: given, session, io }: Invocation<typeof flags>,
  words: readonly string[],
): Promise<Pod> {
  const object =
    given.filename.length > 0
      ? (await requireObjects(session, io, { filenames: given.filename, recursive: given.recursive }))[0]?.object
      : await readNamedObject(session, io, words);
  if (!object) throw new CommandError('no resources found');
  return attachablePod(session, io, { object, timeout: given['pod-running-timeout'] });
}
