/** The schemas of OpenAPI, derived from the kinds. */
import type { Resource } from '../../machinery/resource.ts';
import type { FieldNode, ListNode, MapNode, ScalarNode, SchemaNode, StructNode } from '../../machinery/schema.ts';
import { DeleteOptions, ListMeta } from '../../machinery/meta.ts';
import { SchemaNames, metaName } from './schema-names.ts';

/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Which of the two OpenAPI versions: they differ in references and in what a schema may say. */
export type OpenApiVersion = 2 | 3;

const quantityName = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** Collects the schemas that a document needs, each once. */
export class Schemas {
  readonly version: OpenApiVersion;
  readonly #names: SchemaNames;
  readonly #schemas = new Map<string, Schema>();
  readonly #kinds = new Map<StructNode, object[]>();

  constructor(version: OpenApiVersion, all: readonly Resource[]) {
    this.version = version;
    this.#names = new SchemaNames(all);
    for (const { schema, group, version, kind } of all) {
      this.#kinds.set(schema, [...(this.#kinds.get(schema) ?? []), { group, kind, version }]);
    }
  }

  /** Everything referred to so far, by name. */
  get all(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference to a struct. */
  struct(node: StructNode): Schema {
    return this.#refer(this.#names.nameOf(node), () => this.#structSchema(node));
  }

  /** A reference to the list of a kind. */
  list(resource: Resource): Schema {
    const { group, version, listKind } = resource;
    const name = this.#names.nameOf(resource.schema).replace(/[^.]+$/, listKind);
    return this.#refer(name, () => ({
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: this.#nested(this.struct(resource.schema), {}) },
        kind: { type: 'string' },
        metadata: this.#nested(this.struct(ListMeta.node), {}),
      },
      'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
    }));
  }

  /** A reference to DeleteOptions. */
  deleteOptions(): Schema {
    return this.struct(DeleteOptions.node);
  }

  /** A reference to Status. */
  status(): Schema {
    const text = { type: 'string' };
    return this.#refer(metaName('Status'), () => ({
      type: 'object',
      properties: {
        apiVersion: text,
        code: { type: 'integer', format: 'int32' },
        details: { type: 'object' },
        kind: text,
        message: text,
        metadata: this.#nested(this.struct(ListMeta.node), {}),
        reason: text,
        status: text,
      },
      'x-kubernetes-group-version-kind': [{ group: '', kind: 'Status', version: 'v1' }],
    }));
  }

  /** A reference to the body of a patch. */
  patch(): Schema {
    return this.#refer(metaName('Patch'), () => ({ type: 'object' }));
  }

  #refer(name: string, build: () => Schema): Schema {
    if (!this.#schemas.has(name)) {
      // Entered first, since structs may be recursive.
      this.#schemas.set(name, {});
      this.#schemas.set(name, build());
    }
    return { $ref: `#/${this.version === 3 ? 'components/schemas' : 'definitions'}/${name}` };
  }

  #structSchema(node: StructNode): Schema {
    const fields = Object.entries(node.fields).sort(([a], [b]) => (a < b ? -1 : 1));
    const required = fields.filter(([, field]) => field.required && field.default === undefined).map(([name]) => name);
    const kinds = this.#kinds.get(node);
    return {
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(fields.map(([name, field]) => [name, this.#fieldSchema(field)])),
      ...(node.atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
      ...(kinds ? { 'x-kubernetes-group-version-kind': kinds } : {}),
    };
  }

  #fieldSchema(field: FieldNode): Schema {
    const { type } = field;
    const schema = this.#schemaOf(type);
    const fallback = field.default === undefined ? {} : { default: field.default };
    if ('$ref' in schema) return this.#nested(schema, fallback, field);
    const strategy = field.patchStrategy ?? (type.kind === 'list' ? type.patchStrategy : undefined);
    return { ...schema, ...fallback, ...(strategy ? { 'x-kubernetes-patch-strategy': strategy } : {}) };
  }

  /** A reference with something said beside it: OpenAPI 3.0 allows nothing beside `$ref`. */
  #nested(reference: Schema, beside: Schema, field?: FieldNode): Schema {
    const strategy = field?.patchStrategy ? { 'x-kubernetes-patch-strategy': field.patchStrategy } : {};
    const extra = { ...beside, ...strategy };
    if (Object.keys(extra).length === 0) return reference;
    return this.version === 3 ? { allOf: [reference], ...extra } : { ...reference, ...strategy };
  }

  #schemaOf(node: SchemaNode): Schema {
    switch (node.kind) {
      case 'struct':
        return this.struct(node);
      case 'list':
        return this.#listSchema(node);
      case 'map':
        return this.#mapSchema(node);
      default:
        return this.#scalarSchema(node);
    }
  }

  #listSchema({ items, listType, keys, mergeKey }: ListNode): Schema {
    return {
      type: 'array',
      items: this.#schemaOf(items),
      'x-kubernetes-list-type': listType,
      ...(keys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': keys }),
      ...(mergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': mergeKey }),
    };
  }

  #mapSchema({ values, atomic }: MapNode): Schema {
    return {
      type: 'object',
      additionalProperties: this.#schemaOf(values),
      ...(atomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    };
  }

  #scalarSchema({ kind, values }: ScalarNode): Schema {
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
        return this.#refer(metaName('Time'), () => ({ ...text, format: 'date-time' }));
      case 'microTime':
        return this.#refer(metaName('MicroTime'), () => ({ ...text, format: 'date-time' }));
      case 'duration':
        return this.#refer(metaName('Duration'), () => text);
      case 'quantity':
        return this.#refer(quantityName, () => (this.version === 3 ? { oneOf: [text, { type: 'number' }] } : text));
      case 'intOrString':
        return this.#refer(intOrStringName, () => ({ ...this.#intOrString(), format: 'int-or-string' }));
      default:
        return this.#refer(metaName('FieldsV1'), () => ({ type: 'object' }));
    }
  }

  #intOrString(): Schema {
    return this.version === 3 ? { oneOf: [{ type: 'integer' }, { type: 'string' }] } : { type: 'string' };
  }
}
