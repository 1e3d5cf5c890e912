import type { Pod } from '../../api/core/pod.ts';
import type { CliIo } from '../command/cli-io.ts';
import { knownResources } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { Session } from '../session.ts';
import { runRemotely } from './remote-session.ts';

/** What to attach to, and how. */
export interface AttachOptions {
  readonly container: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
}

/** Connects with a running container's own streams until it ends or the user detaches. */
export async function attachToPod(
  session: Session,
  io: CliIo,
  { pod, options }: { readonly pod: Pod; readonly options: AttachOptions },
): Promise<number> {
  const { namespace, name } = pod.metadata;
  const { container, quiet, stdin } = options;
  const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((one) => one.name === container);
  const canUseTty = options.tty && (io.stdin.isTTY ?? false) && (spec?.tty ?? true);
  if (options.tty && !quiet && spec && !spec.tty) {
    io.stderr.write(`error: Unable to use a TTY - container ${container} did not allocate one\n`);
  } else if (options.tty && !canUseTty && !quiet) {
    io.stderr.write('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  }
  // A container with a terminal has no stderr of its own, whether ours is one or not.
  const tty = canUseTty || (spec?.tty ?? false);
  if (!quiet) io.stderr.write("If you don't see a command prompt, try pressing enter.\n");
  const code = await runRemotely(session, io, {
    path: apiPath(knownResources.Pod, { namespace, name, subresource: 'attach' }),
    query: { container },
    streams: { stdin, tty },
  });
  if (stdin && canUseTty && !quiet && pod.spec.restartPolicy === 'Always') {
    io.stderr.write(
      `Session ended, resume using 'kubectl attach ${name} -c ${container} -i -t' command when the pod is running\n`,
    );
  }
  return code;
}
