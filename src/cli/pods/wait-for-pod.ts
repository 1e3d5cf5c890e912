import type { Pod } from '../../api/core/pod.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { podResource } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { Session } from '../session.ts';
import { deadlineSignal, followObject } from '../wait/follow-object.ts';

/** Follows a pod until it is as wanted; `timeout` in milliseconds, 0 waits for ever. Throws when it is deleted. */
export async function waitForPod(
  session: Session,
  io: CliIo,
  { pod, timeout, until }: { readonly pod: Pod; readonly timeout: number; until(pod: Pod): boolean },
): Promise<Pod> {
  const { signal, expired } = deadlineSignal(timeout, io.signal);
  const { namespace = '', name } = pod.metadata;
  try {
    for await (const state of followObject(session, { resource: podResource, namespace, name }, signal)) {
      if (state.kind === 'gone') throw new CommandError(`pods "${name}" not found`);
      const current = asKind<Pod>(state.object);
      if (until(current)) return current;
    }
  } catch (error) {
    if (expired()) throw new CommandError('timed out waiting for the condition', { cause: error });
    throw error;
  }
  throw new CommandError('timed out waiting for the condition');
}
