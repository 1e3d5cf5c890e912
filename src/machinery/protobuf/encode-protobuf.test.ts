import { describe, expect, test } from 'vitest';
import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { StatusError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { DraftMeta } from '../meta.ts';
import { bool, bytes, defineStruct, double, duration, int64, intOrString, list, map, text, time } from '../schema.ts';
import { decodeProtobuf, openEnvelope } from './decode-protobuf.ts';
import { encodeProtobuf } from './encode-protobuf.ts';
import { envelopeOf, itemPieces, listAround, watchFrame } from './envelope.ts';

const hexOf = (node: Parameters<typeof encodeProtobuf>[0], value: object): string =>
  encodeProtobuf(node, value).toString('hex');

describe('what is absent', () => {
  const Sample = defineStruct('Sample', {
    pointer: text(1).optional(),
    value: text(2).omitEmpty(),
    flag: bool(3),
    when: time(4).omitEmpty(),
    maybe: time(5).optional(),
    data: bytes(6).optional(),
    many: list(7, text).optional(),
    zero: text(8).default(''),
  }).node;

  test('is left out where Go has a pointer, and written where it has a value', () => {
    expect(hexOf(Sample, {})).toBe('1200 1800 2200 4200'.replaceAll(' ', ''));
    expect(hexOf(Sample, { pointer: '', data: '', many: ['', ''] })).toBe(
      '0a00 1200 1800 2200 3200 3a00 3a00 4200'.replaceAll(' ', ''),
    );
  });

  test('of metadata is as upstream writes it', () => {
    expect(hexOf(DraftMeta.node, { name: 'a' })).toBe('0a016112001a0022002a00320038004200');
  });
});

describe('values', () => {
  const Values = defineStruct('Values', {
    number: int64(1).optional(),
    float: double(2).optional(),
    lasting: duration(3).optional(),
    either: intOrString(4).optional(),
    labels: map(5, text).optional(),
    when: time(16).optional(),
  }).node;

  test('are written in their own ways', () => {
    expect(hexOf(Values, { number: 300 })).toBe('08ac02');
    expect(hexOf(Values, { number: -1 })).toBe('08ffffffffffffffffff01');
    expect(hexOf(Values, { number: 2 ** 53 - 1 })).toBe('08ffffffffffffff0f');
    expect(hexOf(Values, { float: 1.5 })).toBe('11000000000000f83f');
    expect(hexOf(Values, { lasting: '1s' })).toBe('1a06088094ebdc03');
    expect(hexOf(Values, { either: 80 })).toBe('2206080010501a00');
    expect(hexOf(Values, { either: 'a' })).toBe('2207080110001a0161');
    expect(hexOf(Values, { when: '1970-01-01T00:00:01Z' })).toBe('82010408011000');
    expect(hexOf(Values, { when: '1969-12-31T23:59:59Z' })).toBe('82010d08ffffffffffffffffff011000');
  });

  test('of maps come in the order of their keys, as bytes', () => {
    const labels = { '\u{1f600}': '', '\uffff': '', b: '', a: '', '10': '', '9': '' };
    const keys = Object.keys(decodeProtobuf(Values, encodeProtobuf(Values, { labels }))['labels'] as object);
    expect(keys.filter((key) => !/^\d+$/.test(key))).toEqual(['a', 'b', '\uffff', '\u{1f600}']);
    expect(hexOf(Values, { labels: { b: '1', a: '2' } })).toBe('2a060a01611201322a060a0162120131');
  });

  test('may be longer than any buffer so far', () => {
    const data = { small: 'x', large: 'é'.repeat(3_000_000) };
    expect(decodeProtobuf(ConfigMap.schema, encodeProtobuf(ConfigMap.schema, { data }))).toMatchObject({ data });
  });

  test('of secrets are bytes', () => {
    const data = { a: 'AAEC/w==', b: '' };
    expect(decodeProtobuf(Secret.schema, encodeProtobuf(Secret.schema, { data }))).toMatchObject({ data });
  });
});

test('schemas within definitions are told apart by their shape', () => {
  const openAPIV3Schema = {
    type: 'object',
    properties: {
      a: { items: { type: 'string' }, type: 'array' },
      b: { additionalProperties: false },
      c: { additionalProperties: { type: 'integer', maximum: 1.5 }, default: { x: [1] } },
    },
  };
  const spec = { group: 'g', versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }] };
  const { schema } = CustomResourceDefinition;
  expect(decodeProtobuf(schema, encodeProtobuf(schema, { spec }))).toMatchObject({ spec });
});

test('lists and frames hold whole messages', () => {
  const object = encodeProtobuf(ConfigMap.schema, { metadata: { name: 'a' } });
  const type = { apiVersion: 'v1', kind: 'ConfigMapList' };
  const list = Buffer.concat(
    listAround(type, { resourceVersion: '7' }, Buffer.concat([object, object].flatMap(itemPieces))),
  );
  const item = `12${object.length.toString(16).padStart(2, '0')}${object.toString('hex')}`;
  expect(Buffer.from(openEnvelope(list).raw).toString('hex')).toBe(`0a070a001201371a00${item}${item}`);
  const enveloped = envelopeOf({ apiVersion: 'v1', kind: 'ConfigMap' }, object);
  expect(enveloped.subarray(0, 4).toString('hex')).toBe('6b387300');
  expect(enveloped.subarray(-4).toString('hex')).toBe('1a002200');
  const frame = watchFrame('ADDED', enveloped);
  expect(frame.readUInt32BE()).toBe(frame.length - 4);
});

test('mutilated messages are bad requests or other messages, never failures', () => {
  const random = seededRandom(5);
  const pod = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', resources: { limits: { cpu: '1' } } }] } };
  const good = encodeProtobuf(Pod.schema, pod);
  for (let i = 0; i < 5000; i++) {
    const bad = Buffer.from(good);
    for (let n = 0; n < 3; n++) bad[Math.floor(random.next() * bad.length)] = Math.floor(random.next() * 256);
    try {
      decodeProtobuf(Pod.schema, bad);
    } catch (error) {
      expect(error).toBeInstanceOf(StatusError);
    }
  }
});
