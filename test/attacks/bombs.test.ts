/** Bodies that are small on the wire and large, deep or poisonous in memory. */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../src/api/apiextensions/custom-resource-definition.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker, Reply } from './attacker.ts';

let cluster: AttackCluster;
let admin: Attacker;
const maps = '/api/v1/namespaces/default/configmaps';
const bomb = `${maps}/bomb`;
const yaml = { 'content-type': 'application/yaml' };

beforeAll(async () => {
  cluster = await attackCluster();
  ({ admin } = cluster);
  await cluster.own.create(ConfigMap, { metadata: { name: 'bomb', namespace: 'default' }, data: { a: 'b' } });
});
afterAll(() => cluster[Symbol.asyncDispose]());

/** Longest that a bomb may keep the server busy, in milliseconds; on a busy machine. */
const allowed = 4000;

/** Sends a bomb: refused with one of `codes`, in time, and the server is well afterwards. */
async function defused(strike: () => Promise<Reply>, ...codes: readonly number[]): Promise<string> {
  const started = performance.now();
  // Who is answered before all was sent may find the connection closed instead.
  const { status, text } = await strike().catch((error: unknown) => {
    if (codes.includes(413) && /ECONNRESET|EPIPE/.test(String(error))) return { status: 413, text: '' };
    throw error;
  });
  expect(codes, text.slice(0, 300)).toContain(status);
  expect(performance.now() - started).toBeLessThan(allowed);
  return text;
}

function post(body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Reply> {
  return admin.ask('POST', maps, { body, headers });
}

function patch(type: string, body: unknown): Promise<Reply> {
  return admin.ask('PATCH', bomb, { headers: { 'content-type': `application/${type}` }, body: JSON.stringify(body) });
}

function map(name: string, more: string): string {
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"},${more}}`;
}

/** The path of a custom kind that keeps unknown fields. */
async function keepsAll(): Promise<string> {
  const schema = { openAPIV3Schema: { type: 'object' as const, 'x-kubernetes-preserve-unknown-fields': true } };
  await cluster.own.create(CustomResourceDefinition, {
    metadata: { name: 'foos.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'foos', kind: 'Foo' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  const foos = '/apis/example.com/v1/namespaces/default/foos';
  await expect.poll(async () => (await admin.get(foos)).status).toBe(200);
  return foos;
}

const aliases = ['a: &a ["x","x","x","x","x","x","x","x","x"]'];
for (let index = 1; index < 20; index++) {
  const [before, name] = [String.fromCharCode(96 + index), String.fromCharCode(97 + index)];
  aliases.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(',')}]`);
}
const laughs = aliases.join('\n');

test('aliases that grow without end are refused', async () => {
  await defused(() => post(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: laughs}\n${laughs}\n`, yaml), 400, 422);
  await defused(
    () =>
      admin.ask('PATCH', `${maps}/laughs?fieldManager=a`, {
        body: laughs,
        headers: { 'content-type': 'application/apply-patch+yaml' },
      }),
    400,
    422,
  );
  await defused(() => post(`a: &a [*a]\n`, yaml), 400);
  await defused(() => post(`a: &a {b: *a}\n`, yaml), 400);
  const many = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: many}\ndata: &d {x: "${'y'.repeat(1000)}"}\nz:\n${'- *d\n'.repeat(50_000)}`;
  await defused(() => post(many, yaml), 400, 422);
  const merged = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: merged}\nbase: &a {x: y}\n${Array.from({ length: 2000 }, (_, at) => `m${at}: &m${at}\n  <<: [*a, *a, *a]\n`).join('')}`;
  await defused(() => post(merged, yaml), 400, 422);
});

test('aliases do no more harm in custom resources, which keep what they do not know', async () => {
  const foos = await keepsAll();
  const head = 'apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: foo}\n';
  const bodies = [
    `${head}x: &a [*a]\n`,
    `${head}x: &a {y: {z: *a}}\n`,
    `${head}x: &a "${'y'.repeat(2_500_000)}"\nz: [${Array.from({ length: 90 }, () => '*a').join(',')}]\n`,
    `${head}${laughs.split('\n').slice(0, 10).join('\n')}\n`,
    `${head}b: &b {${Array.from({ length: 20_000 }, (_, at) => `k${at}: 1`).join(',')}}\n${Array.from({ length: 90 }, (_, at) => `m${at}: {<<: *b}\n`).join('')}`,
  ];
  for (const body of bodies) {
    await defused(() => admin.ask('POST', foos, { body, headers: yaml }), 400);
    const apply = { 'content-type': 'application/apply-patch+yaml' };
    await defused(() => admin.ask('PATCH', `${foos}/foo?fieldManager=a`, { body, headers: apply }), 400);
  }
});

test('bodies nested without end are refused', async () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    await defused(() => post(map('deep', `"data":${deep}`)), 400);
    await defused(() => post(deep, yaml), 400);
    await defused(
      () =>
        admin.ask('PATCH', `${maps}/deep?fieldManager=a`, {
          body: deep,
          headers: { 'content-type': 'application/apply-patch+yaml' },
        }),
      400,
    );
    for (const type of ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json'])
      await defused(
        () => admin.ask('PATCH', bomb, { body: deep, headers: { 'content-type': `application/${type}` } }),
        400,
      );
  }
  await defused(() => post('- '.repeat(200_000), yaml), 400);
  await defused(() => post('? '.repeat(200_000), yaml), 400);
  await defused(() => post(`${'!a '.repeat(100_000)}x`, yaml), 400);
  await defused(() => post(`{${'a: {'.repeat(50_000)}`, yaml), 400);
  // CBOR: arrays of one, of an unknown length, and one that says it is as long as the world.
  const cbor = { 'content-type': 'application/cbor' };
  await defused(() => admin.ask('POST', maps, { body: Buffer.alloc(1_000_000, 0x81), headers: cbor }), 400);
  await defused(() => admin.ask('POST', maps, { body: Buffer.alloc(1_000_000, 0x9f), headers: cbor }), 400);
  await defused(() => admin.ask('POST', maps, { body: Buffer.from('9bffffffffffffffff', 'hex'), headers: cbor }), 400);
  await defused(() => admin.ask('POST', maps, { body: Buffer.from('bb7fffffffffffffff', 'hex'), headers: cbor }), 400);
  await defused(() => admin.ask('POST', maps, { body: Buffer.from('5b0000000fffffffff', 'hex'), headers: cbor }), 400);
  await defused(() => admin.ask('POST', maps, { body: Buffer.alloc(500_000, 0xc1), headers: cbor }), 400);
});

test('YAML that is slow to read is refused or read in time', async () => {
  const texts = [
    `a: ${'"\\x41'.repeat(30_000)}`,
    'a: b\n'.repeat(30_000),
    Array.from({ length: 20_000 }, (_, at) => `k${at}: ${at}`).join('\n'),
    `a: ${'x '.repeat(50_000)}`,
    `a: |\n${' \n'.repeat(30_000)}`,
    `a: >\n${' x\n\n'.repeat(20_000)}`,
    '#'.repeat(100_000),
    '&a '.repeat(20_000),
    `a: ${'1'.repeat(50_000)}`,
    `a: ${'1_'.repeat(30_000)}`,
    `a: 0x${'f'.repeat(50_000)}`,
    `a: ${'1:'.repeat(30_000)}1`,
    `a: 2001-${'1'.repeat(30_000)}`,
    '[]'.repeat(30_000),
    `a: !!binary ${'A'.repeat(100_000)}`,
    `!!python/object/apply:os.system ["id"]`,
    `!!js/function "function(){}"`,
    '--- a\n'.repeat(30_000),
    `%TAG ! ${'a'.repeat(50_000)}\n--- !b c`,
    `a: [${'a,'.repeat(30_000)}`,
    `{? ${'a'.repeat(2000)} : b}`,
  ];
  for (const text of texts) await defused(() => post(text, yaml), 400, 422);
});

test('numbers too large to be numbers do no harm', async () => {
  for (const number of [
    '1e999999',
    '-1e999999',
    '9'.repeat(100_000),
    `0.${'9'.repeat(50_000)}`,
    `1e${'9'.repeat(50_000)}`,
    `-${'0'.repeat(10)}`,
    '1'.repeat(30),
  ]) {
    await defused(() => post(map('number', `"data":{"a":${number}}`)), 400, 422);
    const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"number"},"spec":{"priority":${number},"terminationGracePeriodSeconds":${number},"containers":[{"name":"c","image":"i"}]}}`;
    await defused(
      () =>
        admin.ask('POST', '/api/v1/namespaces/default/pods', {
          body: pod,
          headers: { 'content-type': 'application/json' },
        }),
      400,
      403,
      422,
    );
  }
  for (const quantity of [
    '1e999999999',
    '9'.repeat(100_000),
    `1${'0'.repeat(100_000)}E`,
    '1e-999999999',
    `0.${'0'.repeat(100_000)}1`,
  ]) {
    const resources = { requests: { cpu: quantity, memory: quantity } };
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'q' },
      spec: { containers: [{ name: 'c', image: 'i', resources }] },
    };
    await defused(() => admin.post('/api/v1/namespaces/default/pods?dryRun=All', body), 201, 400, 403, 422);
  }
});

test('a body is at most 3 MiB, whatever it says of itself', async () => {
  const large = map('large', `"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}`);
  await defused(() => post(large), 413);
  await defused(() => post(large, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }), 413);
  await defused(
    () =>
      admin.ask('PATCH', bomb, {
        body: `{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`,
        headers: { 'content-type': 'application/merge-patch+json' },
      }),
    413,
  );
  await defused(
    () =>
      admin.ask('DELETE', bomb, { body: ' '.repeat(4 * 1024 * 1024), headers: { 'content-type': 'application/json' } }),
    413,
  );
});

test('compressed bodies are not unpacked', async () => {
  const packed = gzipSync(Buffer.alloc(32 * 1024 * 1024), { level: 1 });
  for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip', 'zstd']) {
    await defused(
      () =>
        admin.ask('POST', maps, {
          body: packed,
          headers: { 'content-type': 'application/json', 'content-encoding': encoding },
        }),
      400,
      415,
    );
  }
});

test('a patch has at most 10,000 operations, and copies at most 3 MiB', async () => {
  const test_ = { op: 'test', path: '/data/a', value: 'b' };
  await defused(
    () =>
      patch(
        'json-patch+json',
        Array.from({ length: 10_001 }, () => test_),
      ),
    413,
    422,
  );
  const copies = [
    { op: 'add', path: '/data/c', value: 'x'.repeat(1000) },
    ...Array.from({ length: 60 }, (_, at) => ({ op: 'copy', from: '/data', path: `/data/n${at}` })),
  ];
  await defused(() => patch('json-patch+json', copies), 400, 413, 422);
  const doubling = [
    { op: 'add', path: '/metadata/annotations', value: { a: ['x'.repeat(100)] } },
    ...Array.from({ length: 40 }, () => ({
      op: 'copy',
      from: '/metadata/annotations',
      path: '/metadata/annotations/a/-',
    })),
  ];
  await defused(() => patch('json-patch+json', doubling), 400, 413, 422);
  await defused(() => patch('json-patch+json', [{ op: 'copy', from: '', path: '/data/whole' }]), 400, 422);
  await defused(() => patch('json-patch+json', [{ op: 'move', from: '/data', path: '/data/a' }]), 400, 422);
  await defused(() => patch('json-patch+json', [{ op: 'add', path: '/data/-', value: 1 }]), 400, 422);
  await defused(
    () => patch('json-patch+json', [{ op: 'add', path: '/metadata/finalizers/99999999', value: 'a/b' }]),
    400,
    422,
  );
  await defused(() => patch('json-patch+json', [{ op: 'add', path: `/${'a/'.repeat(100_000)}`, value: 1 }]), 400, 422);
});

const poison = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

/** Nothing of what was sent has become part of all objects. */
function unpoisoned(): void {
  const fresh = {} as Record<string, unknown>;
  expect(fresh['polluted']).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype).toSorted()).toEqual(known);
}
const known = Object.getOwnPropertyNames(Object.prototype).toSorted();

test('names that JavaScript knows are names like others', async () => {
  for (const name of poison) {
    const inside = `{"${name}":{"polluted":"yes"}}`;
    await post(map('poison', `"data":${inside}`));
    await post(map('poison', `"${name}":{"polluted":"yes"},"metadata":${inside}`));
    await post(`metadata: {name: poison}\ndata:\n  ${name}: {polluted: yes}\n${name}: {polluted: yes}\n`, yaml);
    await post(`a: &a {polluted: yes}\n<<: {${name}: *a}\n`, yaml);
    for (const type of ['merge-patch+json', 'strategic-merge-patch+json']) {
      await patch(
        type,
        JSON.parse(
          `{"${name}":{"polluted":"yes"},"metadata":{"annotations":${inside},"labels":${inside}},"data":${inside}}`,
        ),
      );
    }
    for (const path of [`/${name}/polluted`, `/data/${name}/polluted`]) {
      for (const op of ['add', 'replace', 'remove', 'test'])
        await patch('json-patch+json', [{ op, path, value: 'yes' }]);
      await patch('json-patch+json', [
        { op: 'copy', from: '/data', path },
        { op: 'move', from: path, path: '/data/x' },
      ]);
    }
    await admin.ask('PATCH', `${maps}/applied?fieldManager=${name}`, {
      body: map('applied', `"data":${inside}`),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    for (const selector of [
      `labelSelector=${name}`,
      `labelSelector=${name}%3Dx`,
      `fieldSelector=${name}%3Dx`,
      `fieldSelector=metadata.${name}%3Dx`,
    ])
      expect((await admin.get(`${maps}?${selector}`)).status).toBeLessThan(500);
    for (const path of [
      `/${name}`,
      `/api/${name}`,
      `/apis/${name}/v1`,
      `/api/v1/${name}`,
      `${maps}/${name}`,
      `${maps}/bomb/${name}`,
      `/openapi/v3/apis/${name}`,
    ])
      expect((await admin.get(path)).status, path).toBeLessThan(500);
    unpoisoned();
  }
  // A label or annotation may be called so, and is kept as any other.
  const labels = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}') as Record<string, string>;
  const made = await admin.ask('POST', maps, {
    body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"named","labels":{"constructor":"b","toString":"c"}},"binaryData":{},"data":{"__proto__":"a","constructor":"b"}}`,
    headers: { 'content-type': 'application/json' },
  });
  expect(made.status).toBe(201);
  const found = JSON.parse((await admin.get(`${maps}/named`)).text) as { data: object; metadata: { labels: object } };
  expect(Object.entries(found.data)).toEqual([
    ['__proto__', 'a'],
    ['constructor', 'b'],
  ]);
  expect(Object.keys(labels)).toContain('__proto__');
  expect((await admin.get(`${maps}?labelSelector=constructor%3Db`)).text).toContain('"named"');
  expect((await admin.get(`${maps}?labelSelector=valueOf`)).text).not.toContain('"named"');
  unpoisoned();
});

test('a strategic merge patch with directives that make no sense changes nothing', async () => {
  const directives = [
    { $patch: 'delete' },
    { $patch: 'explode' },
    { $patch: { a: 1 } },
    { data: { $patch: 'replace', $retainKeys: 7 } },
    { metadata: { '$setElementOrder/finalizers': 'x' } },
    { metadata: { '$deleteFromPrimitiveList/finalizers': { a: 1 } } },
    { metadata: { ownerReferences: [{ $patch: 'merge' }, 1, null, 'x'] } },
    { metadata: { ownerReferences: { $patch: 'replace' } } },
    { metadata: { '$setElementOrder/ownerReferences': [1, 2, { uid: {} }] } },
    [],
    'x',
    null,
    7,
  ];
  for (const body of directives) {
    const { status } = await patch('strategic-merge-patch+json', body);
    expect([200, 400, 415, 422], JSON.stringify(body)).toContain(status);
  }
  const { text } = await admin.get(bomb);
  expect(JSON.parse(text)).toMatchObject({ metadata: { name: 'bomb' } });
});

test('selectors and tokens of lists that make no sense are refused in time', async () => {
  const queries = [
    `labelSelector=${'a,'.repeat(3000)}`,
    `labelSelector=${'('.repeat(5000)}`,
    `labelSelector=a%20in%20(${'b,'.repeat(3000)}`,
    `fieldSelector=${'a%3Db,'.repeat(2000)}`,
    `continue=${'A'.repeat(8000)}`,
    `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"start":"../../secrets/"}').toString('base64url')}`,
    `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":99999999999,"start":"a"}').toString('base64url')}`,
    `resourceVersion=${'9'.repeat(5000)}`,
    'resourceVersion=-1',
    'limit=-1',
    `limit=${'9'.repeat(30)}`,
    `timeoutSeconds=${'9'.repeat(30)}&limit=x`,
  ];
  for (const query of queries) {
    const { status, text } = await admin.get(`${maps}?${query}`);
    expect([200, 400, 410, 422, 504], `${query.slice(0, 40)} ${text.slice(0, 200)}`).toContain(status);
    expect(text).not.toContain('secrets/');
  }
});
