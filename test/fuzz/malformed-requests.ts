/** Requests that no server should grant: each function makes another one every time, all of them malformed. */
import { builtinResources } from '../../src/api/registry.ts';
import type { Random } from '../../src/base/random.ts';
import type { Resource } from '../../src/machinery/resource.ts';

/** A request as it goes over the wire. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** Makes one request. */
export type FuzzCase = (dice: Dice) => FuzzRequest;

/** Choices out of a seeded randomness. */
export class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** An integer from 0 to below `limit`. */
  number(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.number(values.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.number(256)));
  }

  text(length: number, alphabet = 'abcXYZ019 \t~!@#$%^&*(){}[]<>|\\/:;"\'.,?=+-_\u00e9\u4e2d'): string {
    return Array.from({ length }, () => this.pick([...alphabet])).join('');
  }
}

const json = { 'content-type': 'application/json' };
const stored = builtinResources.filter(
  ({ verbs, storedAs }) => verbs.includes('create') && verbs.includes('get') && !storedAs,
);
const configMaps = '/api/v1/namespaces/default/configmaps';
const existing = `${configMaps}/existing`;

function collection(resource: Resource): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  return `${root}${resource.namespaced ? '/namespaces/default' : ''}/${resource.plural}`;
}

function headOf({ apiVersion, kind }: Resource): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion, kind };
}

/** A value of a JSON type that a field of this type can't take. */
function wrongValue(dice: Dice, kind: string): unknown {
  const texts = ['', 'x', 'true', '1'];
  switch (kind) {
    case 'string':
    case 'bytes':
    case 'time':
    case 'microTime':
    case 'duration':
      return dice.pick<unknown>([1, true, ['x'], { a: 1 }]);
    case 'int32':
    case 'int64':
    case 'double':
      return dice.pick<unknown>([...texts, true, ['x'], { a: 1 }, ...(kind === 'int32' ? [1.5, 2 ** 40] : [])]);
    case 'bool':
      return dice.pick<unknown>([...texts, 1, [true], { a: 1 }]);
    case 'list':
      return dice.pick<unknown>(['x', 1, true, { a: 1 }]);
    case 'map':
    case 'struct':
      return dice.pick<unknown>(['x', 1, true, ['a']]);
    default:
      return undefined;
  }
}

function wrongField(dice: Dice): FuzzRequest {
  for (;;) {
    const resource = dice.pick(stored);
    const [name, field] = dice.pick(
      Object.entries(resource.schema.fields).filter(([one]) => one !== 'apiVersion' && one !== 'kind'),
    );
    const value = wrongValue(dice, field.type.kind);
    if (value === undefined) continue;
    const body = JSON.stringify({ ...headOf(resource), metadata: { name: 'fuzz' }, [name]: value });
    return { method: 'POST', path: collection(resource), headers: json, body };
  }
}

/** A whole object cut off in the middle, or with a byte too many. */
function brokenJson(dice: Dice): FuzzRequest {
  const resource = dice.pick(stored);
  const text = JSON.stringify({ ...headOf(resource), metadata: { name: 'fuzz', labels: { a: dice.text(9) } } });
  const at = 1 + dice.number(text.length - 2);
  const body = dice.pick([
    text.slice(0, at),
    `${text}${dice.pick(['}', ']', 'x', ',1'])}`,
    `${text.slice(0, at)}\u0000`,
  ]);
  return { method: 'POST', path: collection(resource), headers: json, body };
}

function nonsense(dice: Dice): FuzzRequest {
  const type = dice.pick([
    'application/json',
    'application/yaml',
    'application/vnd.kubernetes.protobuf',
    'application/cbor',
  ]);
  // Never the beginning of anything valid: text that starts so is neither an object nor an envelope.
  const body = Buffer.concat([Buffer.from([0xff, 0xfe, 0x5b]), dice.bytes(dice.number(200))]);
  return { method: 'POST', path: collection(dice.pick(stored)), headers: { 'content-type': type }, body };
}

function nested(dice: Dice): FuzzRequest {
  const depth = 10_001 + dice.number(5000);
  const [open, close] = dice.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  const value = open.repeat(depth) + (open === '[' ? '' : '1') + close.repeat(depth);
  const body = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fuzz"},"data":${value}}`;
  return { method: 'POST', path: configMaps, headers: json, body };
}

function yamlBomb(dice: Dice): FuzzRequest {
  const levels = 8 + dice.number(6);
  const lines = Array.from({ length: levels }, (_, i) => {
    const item = i === 0 ? 'x' : `*a${i - 1}`;
    return `a${i}: &a${i} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
  });
  const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz}\n${lines.join('\n')}\ndata: *a${levels - 1}\n`;
  return { method: 'POST', path: configMaps, headers: { 'content-type': 'application/yaml' }, body };
}

function strangePath(dice: Dice): FuzzRequest {
  const path = dice.pick([
    () => `/api/v1/namespaces/default/${dice.text(8, 'abcdefgh')}zz`,
    () => `/apis/${dice.text(6, 'abc.')}x/v1/things`,
    () => `${configMaps}/%${dice.pick(['', '2', 'zz', 'G0', '%', 'c3%28'])}`,
    () => `/api/v1/namespaces/..%2f..%2f${dice.text(5, 'abc')}/configmaps/a`,
    () => `${configMaps}/no-such-${dice.number(1e9)}`,
    () => `/api/v${2 + dice.number(98)}/pods`,
    () => `/api/v1/namespaces/default/pods/x/${dice.text(6, 'abcdef')}zz`,
    () => `${existing}/${dice.pick(['status', 'scale', 'log', 'exec'])}`,
    () => `/${dice.text(10, 'abcdefgh')}zz/${dice.text(5, 'abc')}`,
    () => `${configMaps}/${'x'.repeat(300 + dice.number(3000))}`,
  ])();
  return { method: dice.pick(['GET', 'PUT', 'DELETE']), path };
}

function strangeMethod(dice: Dice): FuzzRequest {
  const [method, path] = dice.pick([
    ['POST', existing],
    ['PUT', configMaps],
    ['PATCH', configMaps],
    ['PUT', '/version'],
    ['DELETE', '/api/v1'],
    ['TRACE', configMaps],
    ['FOO', existing],
    ['POST', '/apis'],
  ] as const);
  return { method, path, headers: json, body: '{}' };
}

function strangeHeaders(dice: Dice): FuzzRequest {
  return dice.pick<() => FuzzRequest>([
    () => ({ method: 'GET', path: existing, headers: { accept: `${dice.text(5, 'abc')}/${dice.text(5, 'abc')}` } }),
    () => ({ method: 'GET', path: existing, headers: { accept: 'application/json;as=Unheard;g=meta.k8s.io;v=v1' } }),
    () => ({ method: 'POST', path: configMaps, headers: { 'content-type': dice.text(6, 'abc/') + 'q' }, body: '{}' }),
    () => ({
      method: 'PATCH',
      path: existing,
      headers: { 'content-type': dice.pick(['application/json', 'text/plain', 'x']) },
      body: '{}',
    }),
    () => ({ method: 'GET', path: existing, headers: { 'impersonate-uid': dice.text(4, 'abc') } }),
  ])();
}

function badPatch(dice: Dice): FuzzRequest {
  const [type, body] = dice.pick<() => readonly [string, unknown]>([
    () => ['json-patch+json', dice.pick<unknown>([{}, 1, 'x', [1], [[]], [{}]])],
    () => ['json-patch+json', [{ op: dice.pick(['frob', '', 7, null]), path: '/data' }]],
    () => ['json-patch+json', [{ op: 'replace', path: `/no/such/${dice.number(99)}`, value: 1 }]],
    () => ['json-patch+json', [{ op: 'add', path: `data${dice.text(3, 'abc')}`, value: 1 }]],
    () => ['json-patch+json', [{ op: 'test', path: '/data/k', value: dice.number(1e6) }]],
    () => ['json-patch+json', Array.from({ length: 10_001 }, () => ({ op: 'add', path: '/data/k', value: 'v' }))],
    () => ['json-patch+json', [{ op: 'replace', path: '/metadata/name', value: dice.text(3, 'xyz') }]],
    () => ['merge-patch+json', dice.pick<unknown>([1, 'x', [], true])],
    () => ['merge-patch+json', { data: dice.pick<unknown>([1, 'x', ['a'], { k: 5 }, { k: {} }]) }],
    () => ['merge-patch+json', { metadata: { name: `other-${dice.number(9)}` } }],
    () => ['merge-patch+json', { metadata: { resourceVersion: `x${dice.number(9)}` } }],
    () => ['strategic-merge-patch+json', dice.pick<unknown>([1, 'x', [], true])],
    () => ['strategic-merge-patch+json', { metadata: { ownerReferences: [{ $patch: 'frob', uid: 'a' }] } }],
    () => ['strategic-merge-patch+json', { $patch: dice.pick(['frob', '']) + 'x', data: { a: 'b' } }],
    () => ['strategic-merge-patch+json', { metadata: { ownerReferences: [{ name: 'no key' }] } }],
    () => ['apply-patch+yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'existing' } }],
  ])();
  return {
    method: 'PATCH',
    path: existing,
    headers: { 'content-type': `application/${type}` },
    body: JSON.stringify(body),
  };
}

function badApply(dice: Dice): FuzzRequest {
  const own = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'existing' } };
  const body = dice.pick<unknown>([
    { ...own, kind: 'Secret' },
    { ...own, apiVersion: 'v2' },
    { ...own, metadata: { name: 'other' } },
    { ...own, metadata: { name: 'existing', managedFields: [{ manager: 'x' }] } },
    { ...own, data: [dice.number(9)] },
    [own],
    dice.number(9),
  ]);
  const path = `${existing}?fieldManager=fuzz`;
  return {
    method: 'PATCH',
    path,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(body),
  };
}

function badQuery(dice: Dice): FuzzRequest {
  const value = encodeURIComponent(dice.text(1 + dice.number(12), '!@#$^*({[<|~'));
  const query = dice.pick([
    `labelSelector=${value}`,
    `labelSelector=a%20in%20(b`,
    `labelSelector=a%3D%3D%3Db%3Dc`,
    `labelSelector=${'a'.repeat(400)}`,
    `fieldSelector=metadata.frob%3D${dice.number(99)}`,
    `fieldSelector=${value}`,
    `limit=${dice.pick(['x', '1.5', '%20', '1e99x'])}`,
    `resourceVersion=${dice.pick(['x', '-1', '1.5'])}`,
    `resourceVersionMatch=${dice.pick(['Exact', 'NotOlderThan', 'Frob'])}`,
    `resourceVersion=5&resourceVersionMatch=Frob`,
    `continue=${value}`,
    `continue=${Buffer.from(dice.text(9, 'abc')).toString('base64')}`,
    `watch=true&resourceVersion=x${dice.number(9)}`,
    `watch=true&sendInitialEvents=true`,
    `timeoutSeconds=${dice.pick(['x', '1.5'])}`,
  ]);
  return { method: 'GET', path: `${configMaps}?${query}` };
}

function badWriteQuery(dice: Dice): FuzzRequest {
  const query = dice.pick([
    `dryRun=${dice.pick(['Some', 'all', 'true'])}`,
    `fieldValidation=${dice.pick(['strict', 'Frob', '1'])}`,
    `fieldManager=${'m'.repeat(129 + dice.number(50))}`,
    `force=true`,
  ]);
  return {
    method: 'PATCH',
    path: `${existing}?${query}`,
    headers: { 'content-type': 'application/merge-patch+json' },
    body: '{}',
  };
}

function badDelete(dice: Dice): FuzzRequest {
  const body = dice.pick<unknown>([
    { propagationPolicy: 'Frob' },
    { propagationPolicy: 'Orphan', orphanDependents: true },
    { gracePeriodSeconds: 'x' },
    { preconditions: { uid: `no-${dice.number(99)}` } },
    { preconditions: { resourceVersion: '1' } },
    { dryRun: ['Some'] },
    [1],
  ]);
  return { method: 'DELETE', path: existing, headers: json, body: JSON.stringify(body) };
}

function badExpression(dice: Dice): FuzzRequest {
  const rule = dice.pick([
    'self.',
    'self ==',
    `self.no_such_${dice.number(99)} == 1`,
    '('.repeat(300 + dice.number(3000)),
    `self.n ${dice.pick(['+', '<', '&&'])} "text"`,
    dice.text(20, '()[]{}+-*/.,"abc'),
    `self.n == ${'1+'.repeat(2000)}1 && self.frob`,
    `self.s.matches(${JSON.stringify(dice.pick(['(', '[', 'a{', '*']))}) && 1`,
  ]);
  const name = `f${dice.number(1e9)}s`;
  const schema = {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: { n: { type: 'integer' }, s: { type: 'string' } },
        'x-kubernetes-validations': [{ rule }],
      },
    },
  };
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${name}.fuzz.example.com` },
    spec: {
      group: 'fuzz.example.com',
      scope: 'Namespaced',
      names: { plural: name, kind: `F${name}` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  };
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  return { method: 'POST', path, headers: json, body: JSON.stringify(body) };
}

/** A binary envelope of the right beginning whose rest is cut off or scrambled so that its lengths are wrong. */
function brokenProtobuf(dice: Dice): FuzzRequest {
  const raw = dice.bytes(1 + dice.number(40));
  const body = Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0, 0x12, 0x7f]), raw]);
  return {
    method: 'POST',
    path: collection(dice.pick(stored)),
    headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    body,
  };
}

/** Every kind of malformed request, with how often it is made among a thousand. */
export const malformedRequests: Readonly<Record<string, { readonly make: FuzzCase; readonly share: number }>> = {
  wrongField: { make: wrongField, share: 200 },
  brokenJson: { make: brokenJson, share: 150 },
  nonsense: { make: nonsense, share: 100 },
  brokenProtobuf: { make: brokenProtobuf, share: 60 },
  nested: { make: nested, share: 2 },
  yamlBomb: { make: yamlBomb, share: 8 },
  strangePath: { make: strangePath, share: 120 },
  strangeMethod: { make: strangeMethod, share: 40 },
  strangeHeaders: { make: strangeHeaders, share: 60 },
  badPatch: { make: badPatch, share: 120 },
  badApply: { make: badApply, share: 30 },
  badQuery: { make: badQuery, share: 70 },
  badWriteQuery: { make: badWriteQuery, share: 10 },
  badDelete: { make: badDelete, share: 20 },
  badExpression: { make: badExpression, share: 10 },
};
