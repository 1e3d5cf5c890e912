import { messageOf } from '../../base/errors.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import { hasRuntimeCode } from '../cri/runtime-error.ts';
import type { ProbeOutcome } from './probe-outcome.ts';

const maxOutput = 10 * 1024;

/** Succeeds when the command exits with 0. */
export async function execProbe(
  runtime: ContainerRuntime,
  target: {
    readonly containerId: string;
    readonly command: readonly string[];
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
  },
): Promise<ProbeOutcome> {
  const { containerId, command, timeoutSeconds, signal } = target;
  try {
    const result = await runtime.execSync(containerId, { command, timeoutSeconds }, { signal });
    const output = Buffer.concat([result.stdout, result.stderr]).subarray(0, maxOutput).toString('utf8');
    return { ok: result.exitCode === 0, message: output };
  } catch (error) {
    signal.throwIfAborted();
    if (hasRuntimeCode(error, 'DeadlineExceeded')) {
      return { ok: false, message: `command timed out: "${command.join(' ')}" timed out after ${timeoutSeconds}s` };
    }
    return { ok: false, errored: true, message: messageOf(error) };
  }
}
