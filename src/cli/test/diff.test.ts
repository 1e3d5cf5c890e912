/** `kubectl diff`: the same words as upstream's, and nothing of it is kept. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCluster } from './test-cluster.ts';
import type { CommandResult, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;

const configMap = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {a: b}}\ndata: {key: ${value}}\n`;
const secret = (values: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: safe}\ndata: {${values}}\n`;
const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "${image}"}]}
`;

beforeAll(async () => {
  cluster = await startTestCluster();
  const stdin = [configMap('one'), secret('same: YQ==, other: YQ==, gone: YQ=='), deployment('nginx:1')].join('---\n');
  expect(await cluster.ours(['apply', '-f', '-'], { stdin })).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

/** Directories, times, and the identity that every trial gets anew. */
function comparable({ code, stdout, stderr }: CommandResult): CommandResult {
  const text = stdout
    .replaceAll(/\S*\/(LIVE|MERGED)[^/\s]*\//g, '$1/')
    .replaceAll(/\t\d{4}-.*$/gm, '\tTIME')
    .replaceAll(/(creationTimestamp|uid): .*$/gm, '$1: NEW');
  return { code, stdout: text, stderr: stderr.replaceAll(/^[EW]\d{4} .*\n/gm, '') };
}

async function same(args: readonly string[], stdin = ''): Promise<CommandResult> {
  const theirs = comparable(await cluster.theirs(['diff', ...args], { stdin }));
  const ours = comparable(await cluster.ours(['diff', ...args], { stdin }));
  expect(ours).toEqual(theirs);
  return ours;
}

test('what is there already has no differences', async () => {
  expect(await same(['-f', '-'], configMap('one') + '---\n' + deployment('nginx:1'))).toEqual({
    code: 0,
    stdout: '',
    stderr: '',
  });
});

test('changes are shown as apply would make them, and are not made', async () => {
  const changed = await same(['-f', '-'], configMap('two') + '---\n' + deployment('nginx:2'));
  expect(changed.code).toBe(1);
  expect(changed.stdout).toContain('-  key: one\n+  key: two\n');
  expect(changed.stdout).toContain('-      - image: nginx:1\n+      - image: nginx:2\n');
  const { stdout } = await cluster.ours(['get', 'cm', 'settings', '-o', 'jsonpath={.data.key}']);
  expect(stdout).toBe('one');
});

test('an object that is not there is all new', async () => {
  const made = await same(['-f', '-'], configMap('one').replace('settings', 'fresh'));
  expect(made).toMatchObject({ code: 1, stderr: '' });
  expect(made.stdout).toContain('+  name: fresh\n');
});

test('values of secrets stay secret', async () => {
  const shown = await same(['-f', '-'], secret('same: YQ==, other: Yg==, added: Yg=='));
  expect(shown.stdout).toContain("-  other: '*** (before)'\n");
  expect(shown.stdout).toContain("+  other: '*** (after)'\n");
});

test('objects are chosen by their labels', async () => {
  const both = configMap('two') + '---\n' + deployment('nginx:2');
  const shown = await same(['-l', 'a=b', '-f', '-'], both);
  expect(shown.stdout).not.toContain('nginx');
  expect(await same(['-l', 'a=none', '-f', '-'], both)).toMatchObject({ code: 0 });
});

test.each([[[]], [['x', '-f', '-']], [['-f', 'nope.yaml']], [['--force-conflicts', '-f', '-']]])(
  'mistakes end with more than 1: diff %s',
  async (args) => {
    expect((await same(args, configMap('one'))).code).toBeGreaterThan(1);
  },
);

test('what the server refuses ends with more than 1', async () => {
  const refused = await same(['-f', '-'], configMap('one').replace('settings', 'Not_A_Name'));
  expect(refused.code).toBeGreaterThan(1);
});

test('another program shows the differences when it is named, and its failure is told', async () => {
  const program = join(cluster.directory, 'show');
  writeFileSync(program, '#!/bin/sh\nls -d "$1" "$2"\nshift 2\necho "$@"\n[ "$1" != -fail ] || exit 3\nexit 1\n', {
    mode: 0o755,
  });
  for (const [words, code] of [
    ['-u --color=always $(x)', 1],
    ['-fail', 2],
  ] as const) {
    const options = { stdin: configMap('two'), env: { KUBECTL_EXTERNAL_DIFF: `${program} ${words}` } };
    const ours = await cluster.ours(['diff', '-f', '-'], options);
    const theirs = await cluster.theirs(['diff', '-f', '-'], options);
    const worded = ({ stdout, ...others }: CommandResult) => ({ ...others, words: stdout.split('\n').slice(2) });
    expect(worded(comparable(ours))).toEqual(worded(comparable(theirs)));
    expect(ours.code).toBe(code);
    const [live = '', merged = ''] = ours.stdout.split('\n');
    expect([basename(live), basename(merged)]).toEqual(['LIVE', 'MERGED']);
    expect([existsSync(live), existsSync(merged)], 'what was compared is removed').toEqual([false, false]);
  }
  const missing = { stdin: configMap('two'), env: { KUBECTL_EXTERNAL_DIFF: 'no-such-program' } };
  expect(await cluster.ours(['diff', '-f', '-'], missing)).toEqual(await cluster.theirs(['diff', '-f', '-'], missing));
});
