import { messageOf } from '../base/errors.ts';
import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';

/** Settings without which pods reach nothing, as paths below /proc/sys. */
const settings = [
  'net/ipv4/ip_forward',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
] as const;

/** Switches on forwarding, and the filtering of what crosses a bridge. Throws with a sentence that says what to do. */
export async function enableForwarding(run: RunCommand, signal?: AbortSignal): Promise<void> {
  const isMissing = await run(['cat', '/proc/sys/net/bridge/bridge-nf-call-iptables'], { signal }).then(
    () => false,
    () => true,
  );
  if (isMissing) await run(['modprobe', 'br_netfilter'], { signal }).catch(() => undefined);
  for (const setting of settings) await enable(run, setting, signal);
}

async function enable(run: RunCommand, setting: string, signal: AbortSignal | undefined): Promise<void> {
  const path = `/proc/sys/${setting}`;
  try {
    if ((await run(['cat', path], { signal })).trim() === '1') return;
    await run(['tee', path], { input: '1', signal });
  } catch (error) {
    // A kernel without IPv6 has no switch for it, and needs none.
    if (setting.endsWith('ip6tables') && error instanceof CommandError) return;
    const name = setting.replaceAll('/', '.');
    throw new Error(
      `${name} can't be set to 1 (${messageOf(error)}): load the kernel module br_netfilter, or set it by sysctl`,
      {
        cause: error,
      },
    );
  }
}
