import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';

const chain = { family: 'ip', table: 'filter', name: 'FORWARD' } as const;

/**
 * Lets traffic of `cidrs` through a firewall that drops what is forwarded, as Docker's does: an accept elsewhere would
 * not overrule its drop. Does nothing where there is no such chain. `owner` marks the rules.
 */
export async function acceptForwarded(
  run: RunCommand,
  cidrs: readonly string[],
  owner: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const present = await readChain(run, signal);
  if (present === undefined || present.policy !== 'drop') return false;
  if (present.rules.filter((rule) => rule.comment === owner).length === 2 * cidrs.length) return false;
  const rule = (field: string, cidr: string) => {
    const [addr = '', len = '32'] = cidr.split('/');
    const match = {
      op: '==',
      left: { payload: { protocol: 'ip', field } },
      right: { prefix: { addr, len: Number(len) } },
    };
    const where = { family: 'ip', table: chain.table, chain: chain.name, comment: owner };
    return { insert: { rule: { ...where, expr: [{ match }, { accept: null }] } } };
  };
  const commands = [
    ...removals(present, owner),
    ...cidrs.flatMap((cidr) => ['saddr', 'daddr'].map((field) => rule(field, cidr))),
  ];
  await apply(run, commands);
  return true;
}

/** Removes the rules of `owner`. */
export async function removeForwardRules(run: RunCommand, owner: string): Promise<void> {
  const present = await readChain(run);
  const commands = present === undefined ? [] : removals(present, owner);
  if (commands.length > 0) await apply(run, commands);
}

interface ForwardChain {
  readonly policy: string | undefined;
  readonly rules: readonly { readonly handle: number; readonly comment?: string }[];
}

async function readChain(run: RunCommand, signal?: AbortSignal): Promise<ForwardChain | undefined> {
  try {
    const answer: unknown = JSON.parse(
      await run(['nft', '-j', 'list', 'chain', chain.family, chain.table, chain.name], { signal }),
    );
    const { nftables } = answer as { readonly nftables: readonly Listed[] };
    return {
      policy: nftables.find((object) => object.chain !== undefined)?.chain?.policy,
      rules: nftables.flatMap((o) => o.rule ?? []),
    };
  } catch (error) {
    // No such chain: nobody filters what is forwarded.
    if (error instanceof CommandError && error.exitCode === 1) return undefined;
    throw error;
  }
}

interface Listed {
  readonly chain?: { readonly policy?: string };
  readonly rule?: { readonly handle: number; readonly comment?: string };
}

function removals(present: ForwardChain, owner: string): object[] {
  return present.rules
    .filter((rule) => rule.comment === owner)
    .map(({ handle }) => ({ delete: { rule: { family: 'ip', table: chain.table, chain: chain.name, handle } } }));
}

async function apply(run: RunCommand, commands: readonly object[]): Promise<void> {
  await run(['nft', '-j', '-f', '-'], { input: JSON.stringify({ nftables: commands }) });
}
