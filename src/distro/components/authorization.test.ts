import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { resourceAttributes } from '../../apiserver/authorization/attributes.ts';
import type { AuthorizationSettings, AuthorizerChoice } from '../../apiserver/authorization/authorization-parts.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { apiServerFlags } from './api-server-flags.ts';
import { loadAuthorizationConfiguration } from './authorization-file.ts';
import { authorizationSettings } from './authorization-settings.ts';
import { parseFlags } from './parse-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-authorization-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'authorization.yaml');
const policies = join(folder, 'policy.jsonl');
writeFileSync(policies, '{"user":"ann"}\n');

const clock = new FakeClock();
const context = { clock, random: seededRandom(), log: silentLogger, signal: new AbortController().signal };

function settings(...args: readonly string[]): Promise<AuthorizationSettings> {
  const { values } = parseFlags({ component: 'kube-apiserver', flags: apiServerFlags, refused: {} }, [...args]);
  return authorizationSettings(values, context);
}

const typesOf = ({ authorizers = [] }: AuthorizationSettings): string[] => authorizers.map(({ type }) => type);

describe('flags', () => {
  test('Node and RBAC decide unless others are named', async () => {
    expect(typesOf(await settings())).toEqual(['Node', 'RBAC']);
    expect(typesOf(await settings('--authorization-mode=RBAC,AlwaysDeny'))).toEqual(['RBAC', 'AlwaysDeny']);
    const abac = await settings('--authorization-mode=ABAC', `--authorization-policy-file=${policies}`);
    const [choice] = abac.authorizers ?? [];
    expect(await mayAnn(choice)).toBe(true);
  });

  test.each([
    ['--authorization-mode=Nobody', 'authorization-mode "Nobody" is not a valid mode'],
    ['--authorization-mode=RBAC,RBAC', 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
    ['--authorization-mode=ABAC', "authorization-mode ABAC's authorization policy file not passed"],
    ['--authorization-mode=Webhook', "authorization-mode Webhook's authorization config file not passed"],
    [`--authorization-policy-file=${policies}`, 'cannot specify --authorization-policy-file without mode ABAC'],
    [
      '--authorization-webhook-config-file=x',
      'cannot specify --authorization-webhook-config-file without mode Webhook',
    ],
    [
      '--authorization-config=x --authorization-mode=RBAC',
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    ],
  ])('%s: %s', async (args, problem) => {
    await expect(settings(...args.split(' '))).rejects.toThrow(problem);
  });
});

function mayAnn(choice: AuthorizerChoice | undefined): boolean | Promise<boolean> {
  if (!choice || !('authorizer' in choice)) throw new Error('no authorizer of its own');
  const ann = { name: 'ann', groups: ['system:authenticated'] };
  return Promise.resolve(
    choice.authorizer.authorize(resourceAttributes(ann, { verb: 'get', resource: 'pods', namespace: 'web' })),
  ).then(({ allowed }) => allowed);
}

const good = {
  ...{ timeout: '3s', subjectAccessReviewVersion: 'v1', failurePolicy: 'Deny' },
  connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: policies },
};

function configuration(...authorizers: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthorizationConfiguration', authorizers });
}

function webhook(fields: object): string {
  return configuration({ type: 'Webhook', name: 'hook', webhook: { ...good, ...fields } });
}

function conditions(...expressions: readonly string[]): string {
  const matchConditions = expressions.map((expression) => ({ expression }));
  return webhook({ matchConditionSubjectAccessReviewVersion: 'v1', matchConditions });
}

test.each([
  ['', 'it is empty'],
  ['a: b', 'it must be an AuthorizationConfiguration of apiVersion apiserver.config.k8s.io/v1'],
  [configuration(), 'authorizers: Required value: at least one authorization mode must be defined'],
  [configuration({ name: 'a' }), 'authorizers[0].type: Required value'],
  [
    configuration({ type: 'Foo', name: 'a' }),
    'authorizers[0].type: Unsupported value: "Foo": supported values: "ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"',
  ],
  [
    configuration({ type: 'RBAC', name: 'a' }, { type: 'RBAC', name: 'b' }),
    'authorizers[1].type: Duplicate value: "RBAC"',
  ],
  [configuration({ type: 'RBAC' }), 'authorizers[0].name: Required value'],
  [
    configuration({ type: 'RBAC', name: 'a' }, { type: 'Node', name: 'a' }),
    'authorizers[1].name: Duplicate value: "a"',
  ],
  [configuration({ type: 'RBAC', name: 'A' }), 'authorizers[0].name: Invalid value: "A": authorizer name is invalid: '],
  [configuration({ type: 'Webhook', name: 'a' }), 'authorizers[0].webhook: Required value: required when type=Webhook'],
  [
    configuration({ type: 'RBAC', name: 'a', webhook: {} }),
    'authorizers[0].webhook: Invalid value: "non-null": may only be specified when type=Webhook',
  ],
  [configuration({ type: 'RBAC', name: 'a', more: 1 }), 'strict decoding error: unknown field "authorizers[0].more"'],
  [webhook({ timeout: '0s' }), 'authorizers[0].timeout: Required value'],
  [webhook({ timeout: '31s' }), 'authorizers[0].timeout: Invalid value: "31s": must be > 0s and <= 30s'],
  [webhook({ authorizedTTL: '-1s' }), 'authorizers[0].authorizedTTL: Invalid value: "-1s": must be > 0s'],
  [webhook({ subjectAccessReviewVersion: '' }), 'authorizers[0].subjectAccessReviewVersion: Required value'],
  [
    webhook({ subjectAccessReviewVersion: 'v2' }),
    'authorizers[0].subjectAccessReviewVersion: Unsupported value: "v2": supported values: "v1", "v1beta1"',
  ],
  [
    webhook({ failurePolicy: 'Ignore' }),
    'authorizers[0].failurePolicy: Unsupported value: "Ignore": supported values: "NoOpinion", "Deny"',
  ],
  [webhook({ connectionInfo: {} }), 'authorizers[0].connectionInfo.type: Required value'],
  [
    webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: 'relative' } }),
    'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "relative": must be an absolute path',
  ],
  [
    webhook({ connectionInfo: { type: 'KubeConfigFile', kubeConfigFile: '/nowhere/at/all' } }),
    'authorizers[0].connectionInfo.kubeConfigFile: Invalid value: "/nowhere/at/all": error loading file: stat /nowhere/at/all: no such file or directory',
  ],
  [
    webhook({ connectionInfo: { type: 'InClusterConfig', kubeConfigFile: policies } }),
    'can only be set when type=KubeConfigFile',
  ],
  [
    webhook({ matchConditions: [{ expression: 'true' }] }),
    'authorizers[0].matchConditionSubjectAccessReviewVersion: Required value: required if match conditions are specified',
  ],
  [conditions('true', ' '), 'authorizers[0].matchConditions[1].expression: Required value'],
  [conditions('true', 'true'), 'authorizers[0].matchConditions[1].expression: Duplicate value: "true"'],
  [
    conditions('request.user'),
    'authorizers[0].matchConditions[0].expression: Invalid value: "request.user": must evaluate to bool but got string',
  ],
  [
    conditions('request.nobody == 1'),
    'Invalid value: "request.nobody == 1": compilation failed: ERROR: <input>:1:8: undefined field \'nobody\'',
  ],
])('the configuration %s is refused', (yaml, problem) => {
  writeFileSync(path, yaml);
  expect(() => loadAuthorizationConfiguration(path)).toThrow(problem);
});

test('a configuration may ask a webhook, and is followed', async () => {
  await using server = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify({ status: { allowed: true } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeConfigFile = join(folder, 'hook.kubeconfig');
  const contexts = [{ name: 'c', context: { cluster: 'hook', user: 'me' } }];
  const clusters = [{ name: 'hook', cluster: { server: `http://127.0.0.1:${port}/authorize` } }];
  writeFileSync(
    kubeConfigFile,
    JSON.stringify({ kind: 'Config', 'current-context': 'c', contexts, clusters, users: [{ name: 'me', user: {} }] }),
  );
  const connectionInfo = { type: 'KubeConfigFile', kubeConfigFile };
  writeFileSync(path, webhook({ connectionInfo }));
  const { authorizers = [], follow } = await settings(`--authorization-config=${path}`);
  expect(await mayAnn(authorizers[0])).toBe(true);
  const stop = new AbortController();
  const heard: string[][] = [];
  const following = follow?.((changed) => void heard.push(changed.map(({ type }) => type)), stop.signal);
  const after = async (content: string): Promise<void> => {
    writeFileSync(path, content);
    await clock.advance(10_000);
  };
  await after(configuration({ type: 'RBAC', name: 'rbac' }));
  await after('nonsense');
  expect(heard).toEqual([]);
  await after(configuration({ type: 'AlwaysDeny', name: 'nobody' }));
  await expect.poll(() => heard).toEqual([['AlwaysDeny']]);
  stop.abort();
  await following;
});
