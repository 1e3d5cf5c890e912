/** Every kind in every encoding: as upstream's fixtures have it, and for random objects. */
import { createHash } from 'node:crypto';
import { CORE_SCHEMA, dump, load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { decodeCbor } from '../machinery/cbor/decode-cbor.ts';
import { encodeCbor, encodeCborJson } from '../machinery/cbor/encode-cbor.ts';
import { decodeStruct } from '../machinery/decode.ts';
import { APIGroupDiscovery } from '../machinery/discovery-documents.ts';
import { metaDocuments } from '../machinery/meta-documents.ts';
import { decodeProtobuf, openEnvelope } from '../machinery/protobuf/decode-protobuf.ts';
import { encodeProtobuf } from '../machinery/protobuf/encode-protobuf.ts';
import { envelopeOf } from '../machinery/protobuf/envelope.ts';
import type { StructNode } from '../machinery/schema.ts';
import { filledObject } from '../machinery/testing/filled-object.ts';
import { randomObject } from '../machinery/testing/random-object.ts';
import { TokenRequest } from './authentication/token-request.ts';
import { Scale } from './autoscaling/scale.ts';
import { connectOptions } from './core/connect-options.ts';
import { Eviction } from './policy/eviction.ts';
import { builtinResources } from './registry.ts';
import { unservedKinds } from './testing/unserved-kinds.ts';
import { wireDigests } from './testing/wire-digests.ts';

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructNode;
}

const resources: readonly Kind[] = [...builtinResources, Scale, TokenRequest, Eviction];
const documents: readonly Kind[] = [
  ...Object.entries(metaDocuments).map(([kind, schema]) => ({ apiVersion: 'v1', kind, schema })),
  ...Object.values(connectOptions).map(({ kind, schema }) => ({ apiVersion: 'v1', kind, schema })),
  { apiVersion: 'apidiscovery.k8s.io/v2', kind: 'APIGroupDiscovery', schema: APIGroupDiscovery.node },
  { apiVersion: 'apidiscovery.k8s.io/v2beta1', kind: 'APIGroupDiscovery', schema: APIGroupDiscovery.node },
];
const unserved: readonly Kind[] = Object.entries(unservedKinds).map(([name, schema]) => {
  const [apiVersion = '', kind = ''] = name.split(' ');
  return { apiVersion, kind, schema };
});
/** Versions that are served no more, whose kinds look as they do in the version that is: for codecs there is no difference. */
const retired: readonly Kind[] = Object.keys(wireDigests).flatMap((name) => {
  const [apiVersion = '', kind = ''] = name.split(' ');
  if ([...resources, ...documents, ...unserved].some((other) => nameOf(other) === name)) return [];
  const group = (version: string): string => version.slice(0, version.indexOf('/'));
  const served = resources.filter((resource) => resource.kind === kind);
  const same = served.find((resource) => group(resource.apiVersion) === group(apiVersion)) ?? served[0];
  return same ? [{ apiVersion, kind, schema: same.schema }] : [];
});
const kinds = [...resources, ...documents].map(named);
const fixed = [...kinds, ...[...unserved, ...retired].map(named)].filter(({ name }) => name in wireDigests);

function nameOf({ apiVersion, kind }: Kind): string {
  return `${apiVersion} ${kind}`;
}

function named(kind: Kind): Kind & { readonly name: string } {
  return { name: nameOf(kind), ...kind };
}

/** Kinds that upstream has no fixtures of. */
const withoutFixture: ReadonlySet<string> = new Set([
  'apiextensions.k8s.io/v1 CustomResourceDefinition',
  'apiregistration.k8s.io/v1 APIService',
  'storagemigration.k8s.io/v1 StorageVersionMigration',
  'v1 APIGroupList',
  'v1 APIResourceList',
  'v1 PartialObjectMetadata',
]);

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

describe("upstream's fixtures", () => {
  test('exist for all kinds but those that are known to have none', () => {
    const unknown = kinds.filter(({ name }) => !(name in wireDigests) && !withoutFixture.has(name));
    expect(unknown.map(({ name }) => name)).toEqual([]);
  });

  test('are all compared with', () => {
    const compared = new Set(fixed.map(({ name }) => name));
    expect(Object.keys(wireDigests).filter((name) => !compared.has(name))).toEqual([]);
  });

  test.each(fixed)('$name is written byte for byte', (kind) => {
    const [protobuf, json] = wireDigests[kind.name]!;
    const object = filledObject(kind.schema);
    // Only documents that are no objects lack kind and apiVersion.
    const { apiVersion, kind: kindName } = kind;
    const type = kindName === 'WatchEvent' ? { apiVersion: '', kind: '' } : { apiVersion, kind: kindName };
    expect(digest(canonical(kindName === 'WatchEvent' ? object : { ...object, ...type }))).toBe(json);
    const bytes = envelopeOf(type, encodeProtobuf(kind.schema, object));
    expect(digest(bytes)).toBe(protobuf);
    const envelope = openEnvelope(bytes);
    expect({ apiVersion: envelope.apiVersion, kind: envelope.kind }).toEqual(type);
    expect(decodeProtobuf(kind.schema, envelope.raw)).toEqual(object);
  });
});

describe('random objects', () => {
  test.each([...kinds, ...unserved.map(named)])('$name survives protobuf, CBOR, YAML and JSON', (kind) => {
    const random = seededRandom(36);
    const as = { version: 'v1', kind: kind.kind };
    for (let i = 0; i < 20; i++) {
      const { object, unknown } = decodeStruct(kind.schema, randomObject(kind.schema, random), as);
      expect(unknown).toEqual([]);
      const stored: unknown = JSON.parse(JSON.stringify(object));
      const read = (value: unknown): unknown => decodeStruct(kind.schema, value, as).object;
      expect(read(stored)).toEqual(object);
      expect(read(decodeProtobuf(kind.schema, encodeProtobuf(kind.schema, object)))).toEqual(object);
      expect(decodeCbor(encodeCbor(kind.schema, object))).toEqual(object);
      expect(decodeCbor(encodeCborJson(object))).toEqual(object);
      expect(load(dump(object, { noRefs: true }), { schema: CORE_SCHEMA })).toEqual(object);
    }
  });
});
