/** Webhooks that are evil, and expressions and patterns that never end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ValidatingWebhookConfiguration } from '../../src/api/admissionregistration/validating-webhook-configuration.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { hasReason } from '../../src/base/errors.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import { residentBytes } from './attacker.ts';
import type { Attacker } from './attacker.ts';
import { evilServer } from './evil-server.ts';

let cluster: AttackCluster;
let admin: Attacker;
const maps = '/api/v1/namespaces/default/configmaps';
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

beforeAll(async () => {
  cluster = await attackCluster();
  ({ admin } = cluster);
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Longest that anything here may take, in milliseconds; on a busy machine. */
const allowed = 5000;

test.each(['redirect', 'hang', 'endless', 'garbage', 'giant-headers', 'split-headers', 'half', 'switches', 'nonsense'])(
  'a webhook whose answer is %s lets nothing through, and tells nobody its text',
  async (does) => {
    await using evil = await evilServer(cluster.authority, ['127.0.0.1'], does);
    const { own } = cluster;
    await own.create(ValidatingWebhookConfiguration, {
      metadata: { name: 'evil' },
      webhooks: [
        {
          name: 'evil.example.com',
          clientConfig: {
            url: `https://127.0.0.1:${evil.port}/`,
            caBundle: Buffer.from(cluster.authority.certificate).toString('base64'),
          },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 1,
          failurePolicy: 'Fail',
        },
      ],
    });
    const before = residentBytes();
    const started = performance.now();
    const { status, text } = await admin.post(maps, { metadata: { name: 'judged' } });
    expect(performance.now() - started).toBeLessThan(allowed);
    expect(status, text).toBe(500);
    expect(text).toContain('failed calling webhook');
    expect(text).not.toContain('gold');
    expect(text.length).toBeLessThan(4096);
    expect(residentBytes() - before).toBeLessThan(150 * 1024 * 1024);
    expect(evil.heard.filter(({ url }) => url.includes('followed'))).toEqual([]);
    await expect(own.get(ConfigMap, { namespace: 'default', name: 'judged' })).rejects.toSatisfy((error: unknown) =>
      hasReason(error, 'NotFound'),
    );
    await own.delete(ValidatingWebhookConfiguration, { name: 'evil' });
  },
);

function definition(plural: string, schema: object, scope = 'Namespaced'): object {
  const kind = `${plural[0]!.toUpperCase()}${plural.slice(1, -1)}`;
  return {
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      names: { plural, kind },
      scope,
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', ...schema } } },
      ],
    },
  };
}

async function define(plural: string, schema: object, scope?: string): Promise<void> {
  const { status, text } = await admin.post(crds, definition(plural, schema, scope));
  expect(status, text).toBe(201);
  await expect.poll(async () => (await admin.get(`/apis/example.com/v1/${plural}`)).status).toBe(200);
}

test('objects of namespaces are reached through theirs, and others through none (CVE-2019-11247)', async () => {
  const rbac = 'rbac.authorization.k8s.io';
  await define('globals', { 'x-kubernetes-preserve-unknown-fields': true }, 'Cluster');
  await define('locals', { 'x-kubernetes-preserve-unknown-fields': true });
  const type = { apiVersion: 'example.com/v1' };
  expect(
    (
      await admin.post('/apis/example.com/v1/globals', {
        ...type,
        kind: 'Global',
        metadata: { name: 'g' },
        key: 'gold',
      })
    ).status,
  ).toBe(201);
  expect(
    (
      await admin.post('/apis/example.com/v1/namespaces/default/locals', {
        ...type,
        kind: 'Local',
        metadata: { name: 'l' },
        key: 'gold',
      })
    ).status,
  ).toBe(201);
  await admin.post(`/apis/${rbac}/v1/namespaces/default/roles`, {
    metadata: { name: 'all' },
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  });
  await admin.post(`/apis/${rbac}/v1/namespaces/default/rolebindings`, {
    metadata: { name: 'all' },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'all' },
    subjects: [{ kind: 'User', apiGroup: rbac, name: 'tenant' }],
  });
  const tenant = await cluster.user('tenant');
  await expect
    .poll(async () => (await tenant.get('/apis/example.com/v1/namespaces/default/locals/l')).status)
    .toBe(200);
  for (const path of [
    'globals/g',
    'namespaces/default/globals/g',
    'namespaces/default/globals',
    'namespaces//globals/g',
    'namespaces/default%2f../globals/g',
    'locals/l',
    'locals',
    'watch/globals',
    'watch/namespaces/default/globals/g',
    'namespaces/default/globals/g/status',
  ]) {
    for (const method of ['GET', 'DELETE']) {
      const { status, text } = await tenant.ask(method, `/apis/example.com/v1/${path}`);
      expect([400, 403, 404, 405], `${method} ${path}`).toContain(status);
      expect(text).not.toContain('gold');
    }
  }
  expect((await admin.get('/apis/example.com/v1/globals/g')).status).toBe(200);
});

test('patterns that never end elsewhere end here', async () => {
  const evil = ['^(a+)+$', '^(a|aa)+$', '^(.*a){30}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(x+x+)+y', '^(a?){50}a{50}$'];
  const properties = Object.fromEntries(evil.map((pattern, index) => [`p${index}`, { type: 'string', pattern }]));
  const rules = evil.map((pattern, index) => ({
    rule: `!has(self.p${index}) || self.p${index}.matches('${pattern}')`,
    message: 'm',
  }));
  await define('patterns', { properties: { spec: { type: 'object', properties } } });
  await define('matches', {
    properties: {
      spec: {
        type: 'object',
        properties: Object.fromEntries(evil.map((_, index) => [`p${index}`, { type: 'string', maxLength: 1000 }])),
        'x-kubernetes-validations': rules,
      },
    },
  });
  const spec = Object.fromEntries(evil.map((_, index) => [`p${index}`, `${'a'.repeat(900)}!`]));
  for (const [plural, kind] of [
    ['patterns', 'Pattern'],
    ['matches', 'Matche'],
  ] as const) {
    const started = performance.now();
    const { status } = await admin.post(`/apis/example.com/v1/namespaces/default/${plural}`, {
      apiVersion: 'example.com/v1',
      kind,
      metadata: { name: 'evil' },
      spec,
    });
    expect(status).toBe(422);
    expect(performance.now() - started).toBeLessThan(allowed);
  }
  for (const pattern of [
    '(?=a)',
    '(a)\\1',
    '(?<!a)b',
    '[',
    '(?<name>a)\\k<name>',
    `${'('.repeat(2000)}${')'.repeat(2000)}`,
    'a{1000000}',
    '((a{1000}){1000}){1000}',
    '\\p{Nope}',
  ]) {
    const started = performance.now();
    const { status, text } = await admin.post(
      `${crds}?dryRun=All`,
      definition('odds', { properties: { s: { type: 'string', pattern } } }),
    );
    expect([201, 400, 422], `${pattern.slice(0, 30)} ${text.slice(0, 200)}`).toContain(status);
    expect(performance.now() - started).toBeLessThan(allowed);
  }
});

test('expressions that cost too much are refused, when they are written or when they are run', async () => {
  const text = { type: 'string' };
  const lists = { type: 'array', items: { type: 'array', items: { type: 'array', items: text } } };
  const rules = [
    'self.all(a, self.all(b, self.all(c, self.all(d, a == b))))',
    'self.map(a, self.map(b, self.map(c, c))).size() > 0',
    'self.all(a, a.all(b, b.all(c, c.matches("^(a+)+$"))))',
    `${'('.repeat(3000)}true${')'.repeat(3000)}`,
    `${'!'.repeat(5000)}true`,
    Array.from({ length: 3000 }, () => 'true').join(' && '),
    `self.size() == ${'9'.repeat(10_000)}`,
    'self.constructor.constructor("return process")()',
    'self.__proto__ != null',
    'constructor',
    '"a".repeat(1000000)',
    '[1,2,3].map(x, [x,x,x].map(y, [y,y,y].map(z, [z,z,z].map(w, "0123456789".replace("0", "00000000000000000000")))))',
  ];
  for (const rule of rules) {
    const started = performance.now();
    const reply = await admin.post(
      `${crds}?dryRun=All`,
      definition('costs', { properties: { spec: { ...lists, 'x-kubernetes-validations': [{ rule }] } } }),
    );
    expect([201, 400, 422], `${rule.slice(0, 60)} ${reply.text.slice(0, 300)}`).toContain(reply.status);
    expect(performance.now() - started, rule.slice(0, 60)).toBeLessThan(allowed);
    if (/constructor|__proto__|self.all\(a, self/.test(rule)) expect(reply.status, rule).not.toBe(201);
  }
  await define('loops', {
    properties: {
      spec: {
        type: 'array',
        maxItems: 60,
        items: text,
        'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, a.size() + b.size() >= 0))' }],
      },
    },
  }).catch(() => undefined);
});

test('schemas with names that JavaScript knows validate as any others', async () => {
  const properties = {
    constructor: { type: 'string' },
    toString: { type: 'integer' },
    hasOwnProperty: { type: 'boolean' },
  };
  await define('protos', { properties: { spec: { type: 'object', properties, required: ['valueOf'] } } });
  const path = '/apis/example.com/v1/namespaces/default/protos';
  const type = { apiVersion: 'example.com/v1', kind: 'Proto', metadata: { name: 'p' } };
  expect((await admin.post(path, { ...type, spec: {} })).status).toBe(422);
  const strike = {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...type, spec: { constructor: 7 } }),
  };
  expect((await admin.ask('POST', path, strike)).status).toBe(422);
  const poisoned =
    '{"apiVersion":"example.com/v1","kind":"Proto","metadata":{"name":"p"},"spec":{"valueOf":"x","__proto__":{"polluted":"yes"}}}';
  await admin.ask('POST', path, { ...strike, body: poisoned });
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
