import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Pod } from '../../api/core/pod.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { LocalSubjectAccessReview } from '../../api/authorization/local-subject-access-review.ts';
import { decodeProtobuf, openEnvelope } from './decode-protobuf.ts';

/** A message out of fields: texts and nested messages as bytes, numbers as varints. */
function message(...fields: readonly (readonly [number, string | number | Uint8Array])[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [id, value] of fields) {
    if (typeof value === 'number') writer.uint32(id << 3).int64(value);
    else if (typeof value === 'string') writer.uint32((id << 3) | 2).string(value);
    else writer.uint32((id << 3) | 2).bytes(value);
  }
  return writer.finish();
}

describe('decodeProtobuf', () => {
  test('reads maps, and leaves out what Go writes for absent fields', () => {
    const metadata = message(
      [1, 'a'],
      [2, ''],
      [3, 'default'],
      [7, 0],
      [8, message()],
      [11, message([1, 'k'], [2, 'v'])],
    );
    const bytes = message([1, metadata], [2, message([1, 'x'], [2, '1'])], [2, message([1, 'y'], [2, ''])]);
    expect(decodeProtobuf(ConfigMap.schema, bytes)).toEqual({
      metadata: { name: 'a', namespace: 'default', labels: { k: 'v' } },
      data: { x: '1', y: '' },
    });
  });

  test('reads embedded structs, quantities, int-or-strings and negative numbers', () => {
    const port = message([1, 1], [2, 0], [3, 'http']);
    const probe = message([1, message([2, message([1, '/ready'], [2, port])])], [4, 0]);
    const requests = message([2, message([1, 'cpu'], [2, message([1, '100m'])])]);
    const container = message([1, 'c'], [6, message([2, 0], [3, 80])], [8, requests], [11, probe]);
    const spec = message([2, container], [4, 0], [25, -5]);
    expect(decodeProtobuf(Pod.schema, message([2, spec]))).toEqual({
      spec: {
        containers: [
          {
            name: 'c',
            ports: [{ containerPort: 80 }],
            resources: { requests: { cpu: '100m' } },
            readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
          },
        ],
        terminationGracePeriodSeconds: 0,
        priority: -5,
      },
    });
  });

  test('reads times in their precision, and unknown fields are skipped', () => {
    const renewed = message([1, 1767225600], [2, 123456000]);
    const bytes = message([2, message([1, 'me'], [4, renewed], [99, 'new'])]);
    expect(decodeProtobuf(Lease.schema, bytes)).toEqual({
      spec: { holderIdentity: 'me', renewTime: '2026-01-01T00:00:00.123456Z' },
    });
  });

  test('reads lists as values of maps', () => {
    const extra = message([1, 'scopes'], [2, message([1, 'a'], [1, 'b'])]);
    const decoded = decodeProtobuf(LocalSubjectAccessReview.schema, message([2, message([5, extra])]));
    expect(decoded).toEqual({ spec: { extra: { scopes: ['a', 'b'] } } });
  });

  test('what is cut short is a BadRequest', () => {
    expect(() => decodeProtobuf(ConfigMap.schema, Uint8Array.of(0x0a, 0x20, 0x01))).toThrow('unexpected EOF');
  });
});

describe('openEnvelope', () => {
  test('says what it holds', () => {
    const unknown = message([1, message([1, 'v1'], [2, 'ConfigMap'])], [2, 'raw']);
    const opened = openEnvelope(Uint8Array.of(0x6b, 0x38, 0x73, 0, ...unknown));
    expect(opened).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(Buffer.from(opened.raw).toString()).toBe('raw');
  });

  test('anything else is a BadRequest', () => {
    expect(() => openEnvelope(Buffer.from('{}'))).toThrow('does not appear to be a protobuf message');
  });
});
