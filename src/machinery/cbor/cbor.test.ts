import { Decoder } from 'cbor-x/decode';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../api/core/secret.ts';
import { StatusError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { decodeCbor, decodeCborSequence } from './decode-cbor.ts';
import { cborListAround, cborWatchEvent, encodeCbor, encodeCborJson, selfDescribed } from './encode-cbor.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('encoding', () => {
  test('is deterministic: short keys first, texts as byte strings', () => {
    expect(encodeCborJson({ b: 1, aa: 2, a: [true, null, 'x'] }).toString('hex')).toBe(
      'a3416183f5f6417841620142616102',
    );
    expect(encodeCborJson({ é: 1, zz: 2, a: 3 })).toEqual(encodeCborJson({ a: 3, zz: 2, é: 1 }));
  });

  test('tags what JSON shows as base64', () => {
    const bytes = encodeCbor(Secret.schema, { data: { a: 'aGVsbG8=' } });
    expect(bytes.toString('hex')).toBe('a14464617461a14161d64568656c6c6f');
    expect(decodeCbor(bytes)).toEqual({ data: { a: 'aGVsbG8=' } });
  });

  test('writes numbers the shortest way that keeps them, as another decoder reads them', () => {
    const decoder = new Decoder({ int64AsNumber: true } as object);
    const integers = [
      0,
      1,
      23,
      24,
      255,
      256,
      65535,
      65536,
      2 ** 32 - 1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      -1,
      -24,
      -25,
    ];
    const floats = [0.5, -0.25, 1.1, 0.1, 1e300, 65504.5, 2 ** -24, 2 ** -25, 1.5e-5, 3.4028234663852886e38];
    for (const number of [...integers, ...floats]) {
      expect(decodeCbor(encodeCborJson(number))).toBe(number);
      expect(Number(decoder.decode(encodeCborJson(number)))).toBe(number);
    }
    expect(encodeCborJson(1.5).toString('hex')).toBe('f93e00');
    expect(encodeCborJson(100000.5).toString('hex')).toBe('fa47c35040');
    expect(encodeCborJson(1.1).length).toBe(9);
  });

  test('puts lists and events together out of encoded objects', () => {
    const item = encodeCborJson({ metadata: { name: 'a' } });
    const type = { apiVersion: 'v1', kind: 'SecretList' };
    const joined = Buffer.concat([item, item]);
    const list = Buffer.concat(cborListAround(type, { resourceVersion: '7' }, { count: 2, joined }));
    const object = { metadata: { name: 'a' } };
    const whole = { ...type, metadata: { resourceVersion: '7' }, items: [object, object] };
    expect(decodeCbor(list)).toEqual(whole);
    expect(list).toEqual(Buffer.concat([selfDescribed, encodeCborJson(whole)]));
    const events = Buffer.concat([cborWatchEvent('ADDED', item), cborWatchEvent('DELETED', item)]);
    expect(decodeCborSequence(events)).toEqual([
      { type: 'ADDED', object },
      { type: 'DELETED', object },
    ]);
  });
});

describe('decoding', () => {
  test.each([
    ['texts and byte strings alike', 'a2 6161 4162 4163 6164', { a: 'b', c: 'd' }],
    ['items of indefinite length', 'bf 6161 9f 01 02 ff 6162 7f 6178 6179 ff ff', { a: [1, 2], b: 'xy' }],
    ['what is tagged for later encoding', '83 d5 41fb d6 41fb d7 41fb', ['-w', '+w==', 'fb']],
    ['times as texts', 'c0 7414323032362d30312d30315430303a30303a30305a'.replace('7414', '74'), '2026-01-01T00:00:00Z'],
    ['times as numbers', 'c1 1a 65920080', '2024-01-01T00:00:00Z'],
    ['half and single floats', '82 f9 3e00 fa 3f800000', [1.5, 1]],
    ['negative numbers', '82 20 38 ff', [-1, -256]],
    ['unknown tags as what they enclose', 'd9 0100 01', 1],
  ])('takes %s', (_name, bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value);
  });

  test.each([
    ['nothing', '', 'unexpected EOF'],
    ['what is cut off', '81', 'unexpected EOF'],
    ['what goes on', '00 00', 'extraneous data'],
    ['keys that come twice', 'a2 6161 01 4161 02', 'duplicate map key "a"'],
    ['keys that are no texts', 'a1 01 02', 'map keys must be strings'],
    ['NaN', 'f9 7e00', 'NaN'],
    ['undefined', 'f7', 'simple value 23'],
    ['big numbers', 'c2 41 01', 'bignums'],
    ['integers of more than 63 bits', '1b ffffffffffffffff', 'overflows int64'],
    ['texts that are not UTF-8', '62 c328', 'not valid'],
    ['breaks out of place', 'ff', 'break'],
    ['reserved lengths', '1c', 'invalid additional information'],
    ['chunks of another type', '5f 6161 ff', 'wrong element'],
  ])('refuses %s', (_name, bytes, message) => {
    expect(() => decodeCbor(hex(bytes))).toThrow(message);
  });

  test('refuses what is nested too deeply, and keeps keys that objects have by birth', () => {
    expect(() => decodeCbor(Buffer.alloc(100_000, 0x81))).toThrow('max nested level');
    const value = decodeCbor(encodeCborJson(JSON.parse('{"__proto__":{"x":1},"toString":2}'))) as object;
    expect(Object.keys(value).toSorted()).toEqual(['__proto__', 'toString']);
    expect(value).not.toHaveProperty('x');
  });

  test('of mutilated documents fails as a bad request or not at all', () => {
    const random = seededRandom(8);
    const good = encodeCborJson({ kind: 'Secret', data: { a: 'x'.repeat(30) }, list: [1, 2.5, { n: null }] });
    for (let i = 0; i < 5000; i++) {
      const bad = Buffer.from(good);
      for (let n = 0; n < 3; n++) bad[Math.floor(random.next() * bad.length)] = Math.floor(random.next() * 256);
      try {
        decodeCbor(bad.subarray(0, Math.floor(random.next() * bad.length) + 1));
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    }
  });
});
