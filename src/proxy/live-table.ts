import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';
import type { Family } from './nft-json.ts';
import { tableName } from './table-layout.ts';

/** Whether the proxy's table is in the kernel. */
export async function tableExists(run: RunCommand, family: Family, signal?: AbortSignal): Promise<boolean> {
  // Adding a chain that is there does nothing, and fails without its table. To list anything costs nft half a second
  // among thousands of chains.
  const probe = { add: { chain: { family, table: tableName, name: 'services' } } };
  try {
    await run(['nft', '-j', '-f', '-'], { input: JSON.stringify({ nftables: [probe] }), signal });
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === 1) return false;
    throw error;
  }
}

/** Removes the proxy's table; harmless when there is none. */
export async function removeProxyRules(run: RunCommand, families: readonly Family[] = ['ip', 'ip6']): Promise<void> {
  const commands = families.flatMap((family) => {
    const table = { family, name: tableName };
    return [{ add: { table } }, { delete: { table } }];
  });
  try {
    await run(['nft', '-j', '-f', '-'], { input: JSON.stringify({ nftables: commands }) });
  } catch (error) {
    // A kernel without IPv6 refuses the whole transaction.
    if (!(error instanceof CommandError) || families.length < 2) throw error;
    await removeProxyRules(run, ['ip']);
  }
}
