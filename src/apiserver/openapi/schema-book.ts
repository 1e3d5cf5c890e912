/** The schemas of OpenAPI, derived from the kinds, each made once and kept with what it refers to. */
import type { DescriptionIndex } from '../../api/descriptions.ts';
import { metaDescriptions } from '../../machinery/descriptions.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { FieldNode, ListNode, MapNode, ScalarNode, SchemaNode, StructNode } from '../../machinery/schema.ts';
import { DraftMeta, ListMeta } from '../../machinery/meta.ts';
import { customSchema } from './custom-schema.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';
import { SchemaNames, metaName, nameOfKind } from './schema-names.ts';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Which of the two OpenAPI versions: they differ in references and in what a schema may say. */
export type OpenApiVersion = 2 | 3;

/** What the book is made from. */
export interface SchemaBookOptions {
  readonly version: OpenApiVersion;
  /** All served kinds, and those that subresources speak. */
  readonly all: readonly Resource[];
  readonly descriptions: DescriptionIndex;
}

interface Page {
  schema: Schema;
  readonly refersTo: Set<string>;
}

/** Every schema of one OpenAPI version. `struct` and the like give references; `closure` what stands behind them. */
export class SchemaBook {
  readonly #version: OpenApiVersion;
  readonly #names: SchemaNames;
  readonly #descriptions: DescriptionIndex;
  readonly #pages = new Map<string, Page>();
  readonly #kinds = new Map<StructNode, object[]>();
  readonly #groupVersions: readonly { readonly group: string; readonly version: string }[];
  #open: Page | undefined;

  constructor({ version, all, descriptions }: SchemaBookOptions) {
    this.#version = version;
    this.#names = new SchemaNames(all);
    this.#descriptions = descriptions;
    for (const { schema, group, version, kind } of all) {
      this.#kinds.set(schema, [...(this.#kinds.get(schema) ?? []), { group, kind, version }]);
    }
    // What custom resources come and go does not change the documents of others.
    const builtin = all.filter(({ openApiSchema }) => openApiSchema === undefined);
    const served = new Map(builtin.map(({ group, version }) => [`${group}/${version}`, { group, version }]));
    this.#groupVersions = [...served].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, groupVersion]) => groupVersion);
    // Evictions carry one without apiVersion and kind; this one comes first.
    this.meta('DeleteOptions');
  }

  /** Some schemas and all that they refer to, by name. */
  closure(references: Iterable<Schema>): Readonly<Record<string, Schema>> {
    const found = new Map<string, Schema>();
    const visit = (name: string): void => {
      const page = this.#pages.get(name);
      if (!page || found.has(name)) return;
      found.set(name, page.schema);
      page.refersTo.forEach(visit);
    };
    for (const { $ref } of references) if (typeof $ref === 'string') visit($ref.slice($ref.lastIndexOf('/') + 1));
    return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference to a kind. */
  kind(resource: Resource): Schema {
    const { openApiSchema } = resource;
    if (!openApiSchema) return this.#struct(resource.schema);
    return this.#refer(nameOfKind(resource, resource.kind), () =>
      customSchema(resource, {
        version: this.#version,
        metadata: this.#beside(this.#struct(DraftMeta.node), { description: metaOf('ObjectMeta')[''] }),
      }),
    );
  }

  /** A reference to the list of a kind. */
  list(resource: Resource): Schema {
    const { group, version, listKind } = resource;
    return this.#refer(nameOfKind(resource, listKind), () => ({
      description: `A list of objects of the kind ${resource.kind}.`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { description: this.#descriptions.list('apiVersion'), type: 'string' },
        items: {
          description: this.#descriptions.list('items'),
          type: 'array',
          items: this.#beside(this.kind(resource), this.#fallback({})),
        },
        kind: { description: this.#descriptions.list('kind'), type: 'string' },
        metadata: this.#beside(this.#struct(ListMeta.node), {
          description: this.#descriptions.list('metadata'),
          ...this.#fallback({}),
        }),
      },
      'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
    }));
  }

  /** A reference to a type of apimachinery that is no field of any kind: Status, DeleteOptions, APIGroup … */
  meta(name: keyof typeof metaDocuments): Schema {
    return this.#struct(metaDocuments[name]);
  }

  /** A reference to the body of a patch. */
  patch(): Schema {
    return this.#named('Patch', { type: 'object' });
  }

  #struct(node: StructNode): Schema {
    return this.#refer(this.#names.nameOf(node), () => this.#structSchema(node));
  }

  #named(type: string, schema: Schema, name = metaName(type)): Schema {
    return this.#refer(name, () => ({ ...described(metaOf(type)['']), ...schema }));
  }

  #refer(name: string, build: () => Schema): Schema {
    this.#open?.refersTo.add(name);
    if (!this.#pages.has(name)) {
      // Entered first, since structs may be recursive.
      const page: Page = { schema: {}, refersTo: new Set() };
      this.#pages.set(name, page);
      const outer = this.#open;
      this.#open = page;
      page.schema = build();
      this.#open = outer;
    }
    return { $ref: `#/${this.#version === 3 ? 'components/schemas' : 'definitions'}/${name}` };
  }

  #structSchema(node: StructNode): Schema {
    // One of several shapes, which version 2 could not say.
    if (node.union) return described(this.#describe(node, ''));
    const fields = Object.entries(node.fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const required = fields.filter(([, field]) => field.required && field.default === undefined).map(([name]) => name);
    const kinds = this.#kindsOf(node);
    return {
      ...described(this.#describe(node, '')),
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      ...(fields.length === 0
        ? {}
        : {
            properties: Object.fromEntries(fields.map(([name, field]) => [name, this.#fieldSchema(node, name, field)])),
          }),
      ...(node.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(kinds ? { 'x-kubernetes-group-version-kind': kinds } : {}),
    };
  }

  #describe(node: StructNode, field: string): string | undefined {
    return this.#descriptions.of(
      { group: this.#names.groupOf(node), struct: node.name, isKind: this.#kinds.has(node) },
      field,
    );
  }

  /** What may be sent anywhere is a kind of every group version. */
  #kindsOf(node: StructNode): readonly object[] | undefined {
    if (node.name !== 'DeleteOptions' && node.name !== 'WatchEvent' && node.name !== 'Status') {
      return this.#kinds.get(node);
    }
    const core = { group: '', version: 'v1' };
    const spoken = node.name === 'Status' ? [core] : this.#groupVersions;
    return spoken.map(({ group, version }) => ({ group, kind: node.name, version }));
  }

  #fieldSchema(owner: StructNode, name: string, field: FieldNode): Schema {
    const { type } = field;
    const schema = this.#schemaOf(type, owner.name);
    const strategy = field.patchStrategy ?? (type.kind === 'list' ? type.patchStrategy : undefined);
    return this.#beside(schema, {
      ...described(this.#describe(owner, name)),
      ...this.#fallback(field.default ?? (field.required ? zeroOf(type) : undefined)),
      ...(strategy ? { 'x-kubernetes-patch-strategy': strategy } : {}),
    });
  }

  /** Version 2's documents have never had defaults, which old clients would apply. */
  #fallback(value: unknown): Schema {
    return value === undefined || this.#version === 2 ? {} : { default: value };
  }

  /** A schema with more said of it: OpenAPI 3.0 allows nothing beside `$ref`. */
  #beside(schema: Schema, more: Schema): Schema {
    const isBare = '$ref' in schema && this.#version === 3 && Object.keys(more).length > 0;
    return isBare ? { ...more, allOf: [schema] } : { ...more, ...schema };
  }

  #schemaOf(node: SchemaNode, owner: string): Schema {
    switch (node.kind) {
      case 'struct':
        return this.#struct(node);
      case 'list':
        return this.#listSchema(node, owner);
      case 'map':
        return this.#mapSchema(node, owner);
      default:
        return this.#scalarSchema(node, owner);
    }
  }

  #listSchema({ items, listType, keys, mergeKey }: ListNode, owner: string): Schema {
    return {
      type: 'array',
      items: this.#beside(this.#schemaOf(items, owner), this.#fallback(zeroOf(items))),
      'x-kubernetes-list-type': listType,
      ...(keys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': keys }),
      ...(mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mergeKey }),
    };
  }

  #mapSchema({ values, atomic }: MapNode, owner: string): Schema {
    return {
      type: 'object',
      additionalProperties: this.#beside(this.#schemaOf(values, owner), this.#fallback(zeroOf(values))),
      ...(atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  #scalarSchema({ kind, values }: ScalarNode, owner: string): Schema {
    const text = { type: 'string' };
    switch (kind) {
      case 'string':
        return values ? { ...text, enum: values } : text;
      case 'int32':
      case 'int64':
        return { type: 'integer', format: kind };
      case 'double':
        return { type: 'number', format: 'double' };
      case 'bool':
        return { type: 'boolean' };
      case 'bytes':
        return { ...text, format: 'byte' };
      case 'time':
        return this.#named('Time', { ...text, format: 'date-time' });
      case 'microTime':
        return this.#named('MicroTime', { ...text, format: 'date-time' });
      case 'duration':
        return this.#named('Duration', text);
      case 'quantity':
        return this.#named('Quantity', this.#either(text, { type: 'number' }), quantityName);
      case 'intOrString':
        return this.#named(
          'IntOrString',
          { ...this.#either({ type: 'integer' }, text), format: 'int-or-string' },
          intOrStringName,
        );
      default:
        return this.#anyJson(owner);
    }
  }

  #either(one: Schema, other: Schema): Schema {
    return this.#version === 3 ? { oneOf: [one, other] } : { type: 'string' };
  }

  #anyJson(owner: string): Schema {
    if (owner === 'ManagedFieldsEntry') return this.#named('FieldsV1', { type: 'object' });
    if (owner.startsWith('JSONSchema') || owner === 'CustomResourceDefinition')
      return this.#named('JSON', {}, jsonName);
    return this.#named('RawExtension', { type: 'object' }, rawExtensionName);
  }
}

const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const rawExtensionName = 'io.k8s.apimachinery.pkg.runtime.RawExtension';
const jsonName = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON';

function metaOf(type: string): Readonly<Record<string, string>> {
  return metaDescriptions[type] ?? {};
}

function described(description: string | undefined): Schema {
  return description === undefined ? {} : { description };
}

/** What Go makes of an absent value; times and the like have no such value. */
function zeroOf(node: SchemaNode): unknown {
  switch (node.kind) {
    case 'string':
      // Nothing is no member of an enumeration.
      return node.values ? undefined : '';
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    case 'bool':
      return false;
    case 'struct':
      return {};
    default:
      return undefined;
  }
}
