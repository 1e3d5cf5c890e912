import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { attachToPod } from '../pods/attach-pod.ts';
import { chooseContainer } from '../pods/choose-container.ts';
import { attachablePod, readNamedObject } from '../pods/find-pods.ts';
import { remoteSessionFlags } from './shared-flags.ts';

/** `kubectl attach` */
export const attach = defineVerb({
  usage: 'attach (POD | TYPE/NAME) -c CONTAINER',
  long: 'Attach to a process that is already running inside an existing container.',
  examples: `# Get output from running pod mypod; use the 'kubectl.kubernetes.io/default-container' annotation
# for selecting the container to be attached or the first container in the pod will be chosen
kubectl attach mypod

# Get output from ruby-container from pod mypod
kubectl attach mypod -c ruby-container

# Switch to raw terminal mode; sends stdin to 'bash' in ruby-container from pod mypod
# and sends stdout/stderr from 'bash' back to the client
kubectl attach mypod -c ruby-container -i -t`,
  flags: remoteSessionFlags,
  async run({ args, flags: given, session, io }) {
    if (args.length === 0) throw new CommandError('at least 1 argument is required for attach');
    if (args.length > 2)
      throw new CommandError(
        `expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw ${args.length}: [${args.join(' ')}]`,
      );
    const object = await readNamedObject(session, io, args);
    const pod = await attachablePod(session, io, { object, timeout: given['pod-running-timeout'] });
    const { phase } = pod.status ?? {};
    if (phase === 'Succeeded' || phase === 'Failed') {
      throw new CommandError(`cannot attach a container in a completed pod; current phase is ${phase}`);
    }
    const { name: container, notice } = chooseContainer(pod, given.container);
    if (notice && !given.quiet) io.stderr.write(`${notice}\n`);
    return attachToPod(session, io, {
      pod,
      options: { container, stdin: given.stdin, tty: given.tty, quiet: given.quiet },
    });
  },
});
