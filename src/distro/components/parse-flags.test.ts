import { expect, test } from 'vitest';
import { addresses, boolean, choice, duration, hostPort, integer, networks, pairs, text, texts } from './flag.ts';
import { flagHelp } from './flag-help.ts';
import { parseFlags } from './parse-flags.ts';

const flags = {
  v: integer(0, 10)('how much is logged', 2),
  name: text('a name'),
  port: integer(1, 65_535, 'port')('a port', 6443),
  wait: duration('how long', 40_000),
  'leader-elect': boolean('whether to', true),
  mode: choice(['nftables'], 'nothing else is there')('how', 'nftables'),
  list: texts('words', ['*']),
  dns: addresses('servers'),
  range: networks('networks'),
  labels: pairs('labels'),
  at: hostPort('where'),
};

const set = { component: 'kube-demo', flags, refused: { 'etcd-*': 'there is no etcd', profiling: 'it is not there' } };
const parse = (...args: readonly string[]) => parseFlags(set, args).values;
const refusal = (...args: readonly string[]): string => {
  try {
    parse(...args);
  } catch (error) {
    return String(error);
  }
  return 'taken';
};

test('flags are read as upstream reads them: with =, with a blank, switches without a value, underscores', () => {
  const values = parse('--name=a', '--port', '7000', '--leader-elect=false', '-v', '4', '--wait=1m30s');
  expect(values).toMatchObject({ name: 'a', port: 7000, 'leader-elect': false, v: 4, wait: 90_000 });
  expect(parse('--leader_elect')['leader-elect']).toBe(true);
  expect(parse('-v5').v).toBe(5);
  expect(parse('--v=6').v).toBe(6);
});

test('what is not given has its default, and is known not to be given', () => {
  const { values, given } = parseFlags(set, ['--name', 'x']);
  expect(values).toMatchObject({ port: 6443, list: ['*'], dns: [], labels: {}, at: undefined });
  expect([...given]).toEqual(['name']);
});

test('of several the last counts, and lists add up', () => {
  expect(parse('--port=1', '--port=2').port).toBe(2);
  expect(parse('--list=a,b', '--list', 'c').list).toEqual(['a', 'b', 'c']);
  expect(parse('--labels=a=1,b=x=y').labels).toEqual({ a: '1', b: 'x=y' });
  expect(parse('--list=').list).toEqual([]);
});

test('a value that can not be is refused with what would be right', () => {
  expect(refusal('--port=0')).toContain('--port must be a whole number from 1 to 65535, not "0"');
  expect(refusal('--wait=5')).toContain('--wait must be a duration such as 40s or 1m30s, not "5"');
  expect(refusal('--leader-elect=maybe')).toContain('--leader-elect must be true or false, not "maybe"');
  expect(refusal('--mode=ipvs')).toContain('--mode must be nftables, not "ipvs": nothing else is there');
  expect(refusal('--dns=10.0.0.300')).toContain('--dns must be IP addresses');
  expect(refusal('--range=10.0.0.0')).toContain('--range must be a network such as 10.244.0.0/16, not "10.0.0.0"');
  expect(refusal('--labels=a')).toContain('--labels must be key=value pairs');
  expect(refusal('--at=:80')).toContain('--at must be an address with a port');
  expect(refusal('--name')).toContain('--name needs a value: --name=<string>');
});

test('an unknown flag is refused, with the one that was probably meant', () => {
  expect(refusal('--leader-elct')).toContain('kube-demo has no flag --leader-elct; did you mean --leader-elect?');
  expect(refusal('--something-else=1')).toMatch(/has no flag --something-else \(kubets kube-demo --help lists them\)/);
  expect(refusal('start')).toContain('kube-demo takes flags only, not "start"');
});

test("a flag of upstream's that is not there is refused with the reason", () => {
  expect(refusal('--etcd-servers=x')).toContain('kube-demo here has no --etcd-servers: there is no etcd');
  expect(refusal('--profiling')).toContain('it is not there');
});

test('help names every flag, with its kind and its default', () => {
  const help = flagHelp('kube-demo', 'show flags', flags);
  expect(help).toContain('Usage: kubets kube-demo [flags]\n\nShow flags.\n');
  for (const name of Object.keys(flags)) expect(help).toContain(`--${name}`);
  expect(help).toContain('--wait duration\n          how long (default 40s).');
  expect(help).toContain('--leader-elect\n          whether to (default true).');
});
