import { expect, test } from 'vitest';
import type { Nft } from './nft-json.ts';
import { Ruleset } from './ruleset.ts';
import type { Piece } from './ruleset-piece.ts';

const piece = (chain: string, rule: string, elements: Piece['elements'] = []): Piece => ({
  chains: new Map([[chain, [[{ comment: rule }]]]]),
  dynamicSets: [],
  elements,
});
const element = (key: string, target?: string) => ({
  set: target === undefined ? 'cluster-ips' : 'service-ips',
  key,
  ...(target === undefined ? {} : { value: { goto: { target } } }),
});

/** Commands in short: `add chain x`, `add element service-ips 1`. */
function short(commands: readonly Nft[]): string[] {
  return commands.map((command) => {
    const [verb = '', object] = Object.entries(command)[0] ?? [];
    const [kind = '', body] =
      Object.entries(object as Record<string, { name?: string; chain?: string; elem?: unknown[] }>)[0] ?? [];
    return [verb, kind, body?.name ?? body?.chain, ...(body?.elem === undefined ? [] : [body.elem.length])].join(' ');
  });
}

function settled(): Ruleset {
  const ruleset = new Ruleset({ family: 'ip', clusterCIDRs: [], masqueradeAll: false });
  ruleset.set('a', piece('service-a', '1', [element('10.0.0.1', 'service-a'), element('10.0.0.1')]));
  ruleset.set('b', piece('service-b', '1', [element('10.0.0.2', 'service-b')]));
  ruleset.commands();
  ruleset.applied();
  return ruleset;
}

test('what was applied is not sent again, and the same piece anew is no change', () => {
  const ruleset = settled();
  expect(ruleset.commands()).toEqual([]);
  ruleset.set('a', piece('service-a', '1', [element('10.0.0.1', 'service-a'), element('10.0.0.1')]));
  expect(ruleset.commands()).toEqual([]);
});

test('a change of one owner touches only its chain and elements', () => {
  const ruleset = settled();
  ruleset.set('a', piece('service-a', '2', [element('10.0.0.9', 'service-a'), element('10.0.0.1')]));
  expect(short(ruleset.commands())).toEqual([
    'flush chain service-a',
    'add rule service-a',
    'delete element service-ips 1',
    'add element service-ips 1',
  ]);
});

test('an element that leads elsewhere is deleted and added within one transaction', () => {
  const ruleset = settled();
  ruleset.set('a', piece('service-a', '1', [element('10.0.0.1', 'service-x'), element('10.0.0.1')]));
  expect(short(ruleset.commands())).toEqual(['delete element service-ips 1', 'add element service-ips 1']);
});

test('a chain that fell out of use is emptied at once and deleted by the next transaction', () => {
  const ruleset = settled();
  ruleset.set('a', undefined);
  expect(short(ruleset.commands())).toEqual([
    'flush chain service-a',
    'delete element service-ips 1',
    'delete element cluster-ips 1',
  ]);
  ruleset.applied();
  expect(ruleset.commands()).toEqual([]);
  ruleset.applied();
  ruleset.set('b', piece('service-b', '2', [element('10.0.0.2', 'service-b')]));
  expect(short(ruleset.commands())).toEqual(['delete chain service-a', 'flush chain service-b', 'add rule service-b']);
  ruleset.applied();
  ruleset.set('b', piece('service-b', '3', [element('10.0.0.2', 'service-b')]));
  expect(short(ruleset.commands())).toEqual(['flush chain service-b', 'add rule service-b']);
});

test('a chain that comes back before it was deleted is made anew', () => {
  const ruleset = settled();
  ruleset.set('a', undefined);
  ruleset.commands();
  ruleset.applied();
  ruleset.set('a', piece('service-a', '1'));
  expect(short(ruleset.commands())).toEqual(['delete chain service-a', 'add chain service-a', 'add rule service-a']);
});

test('of two owners of one element the first by name has it, and the other when the first goes', () => {
  const ruleset = settled();
  ruleset.set('c', piece('service-c', '1', [element('10.0.0.2', 'service-c')]));
  expect(short(ruleset.commands())).toEqual(['add chain service-c', 'add rule service-c']);
  ruleset.applied();
  ruleset.set('b', undefined);
  expect(JSON.stringify(ruleset.commands())).toContain('{"goto":{"target":"service-c"}}');
});

test('after a failure everything is sent, beginning with an empty table', () => {
  const ruleset = settled();
  ruleset.set('b', undefined);
  ruleset.commands();
  ruleset.forget();
  const commands = short(ruleset.commands());
  expect(commands.slice(0, 3)).toEqual(['add table kube-proxy', 'delete table kube-proxy', 'add table kube-proxy']);
  expect(commands).toContain('add chain service-a');
  expect(commands).not.toContain('add chain service-b');
  ruleset.applied();
  expect(ruleset.commands()).toEqual([]);
});
