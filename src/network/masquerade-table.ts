import { createHash } from 'node:crypto';
import type { Json } from '../base/json.ts';
import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';

/** A table of this project with one chain that rewrites sources. */
export interface MasqueradeTable {
  readonly name: string;
  /** Rules as lists of nft's JSON statements. */
  readonly rules: readonly (readonly Json[])[];
}

/** Hides pods' addresses from what lies outside the cluster, and no others. Source: flannel's rules. */
export function podMasquerade(clusterCIDR: string, podCIDR: string): MasqueradeTable {
  const [pods, all] = [prefix(podCIDR), prefix(clusterCIDR)];
  const from = (op: '==' | '!=', right: Json): Json => match('saddr', op, right);
  const to = (op: '==' | '!=', right: Json): Json => match('daddr', op, right);
  return {
    name: 'kubets-network',
    rules: [
      [from('==', all), to('==', all), { return: null }],
      [from('==', all), to('!=', prefix('224.0.0.0/4')), masquerade],
      [from('!=', all), to('==', pods), { return: null }],
      // What came from outside for a pod of another node must come back through this one.
      [from('!=', all), to('==', all), masquerade],
    ],
  };
}

/** Lets nodes that live behind the bridge `device` reach the outside under the machine's address. */
export function nodeMasquerade(name: string, nodeCIDR: string, device: string): MasqueradeTable {
  const leaves = { match: { op: '!=', left: { meta: { key: 'oifname' } }, right: device } };
  return { name, rules: [[match('saddr', '==', prefix(nodeCIDR)), leaves, masquerade]] };
}

/** Makes the table, unless it is there as it should be. Resolves with whether it changed anything. */
export async function applyTable(run: RunCommand, table: MasqueradeTable, signal?: AbortSignal): Promise<boolean> {
  const comment = fingerprint(table);
  if (await isPresent(run, { table, comment, signal })) return false;
  const of = { family: 'ip', table: table.name };
  const chain = { ...of, name: 'postrouting', type: 'nat', hook: 'postrouting', prio: 110, policy: 'accept' };
  const whole = { family: 'ip', name: table.name };
  const commands = [
    { add: { table: whole } },
    { delete: { table: whole } },
    { add: { table: whole } },
    { add: { chain } },
    ...table.rules.map((expr) => ({ add: { rule: { ...of, chain: 'postrouting', expr, comment } } })),
  ];
  await run(['nft', '-j', '-f', '-'], { input: JSON.stringify({ nftables: commands }), signal });
  return true;
}

/** Removes the table; harmless when there is none. */
export async function removeTable(run: RunCommand, name: string): Promise<void> {
  const table = { family: 'ip', name };
  await run(['nft', '-j', '-f', '-'], {
    input: JSON.stringify({ nftables: [{ add: { table } }, { delete: { table } }] }),
  });
}

/** Every rule carries the fingerprint of all: nft prints rules in its own words, so they can't be compared as text. */
function fingerprint(table: MasqueradeTable): string {
  return `kubets ${createHash('sha256').update(JSON.stringify(table)).digest('hex').slice(0, 16)}`;
}

async function isPresent(
  run: RunCommand,
  {
    table,
    comment,
    signal,
  }: { readonly table: MasqueradeTable; readonly comment: string; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  // Asking for this table alone: a list of all tables costs nft a look at every rule of every table.
  const listed = await run(['nft', '-j', 'list', 'table', 'ip', table.name], { signal }).then(parseJson, ignoreMissing);
  if (listed === undefined) return false;
  const rules = (listed as { nftables: readonly { rule?: { comment?: string } }[] }).nftables.flatMap(
    (o) => o.rule ?? [],
  );
  return rules.length === table.rules.length && rules.every((rule) => rule.comment === comment);
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof CommandError) || error.exitCode !== 1) throw error;
}

const masquerade: Json = { masquerade: { flags: 'fully-random' } };

function match(field: 'saddr' | 'daddr', op: '==' | '!=', right: Json): Json {
  return { match: { op, left: { payload: { protocol: 'ip', field } }, right } };
}

function prefix(cidr: string): Json {
  const [addr = '', len = '32'] = cidr.split('/');
  return { prefix: { addr, len: Number(len) } };
}
