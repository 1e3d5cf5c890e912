import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';

/** Asks until the answer is yes. Throws when `timeout` milliseconds are over first. */
export async function pollUntil(
  io: Pick<CliIo, 'clock' | 'signal'>,
  { timeout, interval }: { readonly timeout: number; readonly interval: number },
  holds: () => Promise<boolean>,
): Promise<void> {
  const deadline = io.clock.monotonic() + timeout;
  while (!(await holds())) {
    if (io.clock.monotonic() >= deadline) throw new CommandError('timed out waiting for the condition');
    await io.clock.sleep(interval, io.signal);
  }
}
