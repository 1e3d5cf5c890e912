import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { RunCommand } from '../host/run-command.ts';

/** Kernel settings that Services depend on, as paths below /proc/sys with their values. */
const settings: readonly (readonly [path: string, value: string])[] = [
  ['net/ipv4/ip_forward', '1'],
  // Without it a reply between two pods of one node passes the bridge without being rewritten back.
  ['net/bridge/bridge-nf-call-iptables', '1'],
  // A packet out of window would reach the client with the endpoint's own address, and be answered with a reset.
  ['net/netfilter/nf_conntrack_tcp_be_liberal', '1'],
  ['net/netfilter/nf_conntrack_tcp_timeout_established', '86400'],
  ['net/netfilter/nf_conntrack_tcp_timeout_close_wait', '3600'],
];

/** Upstream's --conntrack-max-per-core and --conntrack-min. */
const conntrackMax = (cores: number): number => Math.max(32_768 * cores, 131_072);

/** Sets what Services need of the kernel. What can't be set is logged: in a network namespace the maximum can't be. */
export async function tuneConntrack(run: RunCommand, log: Logger): Promise<void> {
  for (const [path, value] of settings)
    await set(run, path, value).catch((error: unknown) => complain(log, path, error));
  const path = 'net/netfilter/nf_conntrack_max';
  try {
    const wanted = conntrackMax(Number((await run(['nproc'])).trim()));
    const present = Number((await run(['cat', `/proc/sys/${path}`])).trim());
    if (present < wanted) await set(run, path, String(wanted));
  } catch (error) {
    log.v(2).info('The maximum of tracked connections stays as it is', { err: messageOf(error) });
  }
}

async function set(run: RunCommand, path: string, value: string): Promise<void> {
  const file = `/proc/sys/${path}`;
  if ((await run(['cat', file])).trim() !== value) await run(['tee', file], { input: value });
}

function complain(log: Logger, path: string, error: unknown): void {
  log.warning('Failed to set a kernel setting that Services need', {
    setting: path.replaceAll('/', '.'),
    err: messageOf(error),
  });
}
