/** An object of any schema, without a server, to apply to and to update in tests. */
import type { JsonObject } from '../../../base/json.ts';
import { isJsonObject } from '../../schema.ts';
import type { SchemaNode, StructNode } from '../../schema.ts';
import { applyConfiguration } from '../apply-configuration.ts';
import { applyConflict } from '../apply-conflict.ts';
import type { FieldManagers } from '../field-managers.ts';
import { fieldPaths } from '../field-set.ts';
import { printPath } from '../path-element.ts';
import { trackUpdate } from '../track-update.ts';
import { typeOfSchema } from '../type-of-schema.ts';
import type { VersionedType } from '../versioned-objects.ts';

/** The state that a test works on. */
export class ManagedObject {
  object: JsonObject = {};
  managers: FieldManagers = [];
  readonly versions: VersionedType;
  readonly #schema: StructNode;
  #time = 0;

  constructor(schema: StructNode) {
    this.#schema = schema;
    this.versions = {
      apiVersion: 'v1',
      type: typeOfSchema(schema),
      filter: (set) => set,
      otherVersion: () => undefined,
    };
  }

  /** Throws Conflict, unless forced. */
  apply(manager: string, configuration: JsonObject, options: { readonly force?: boolean } = {}): this {
    const application = { live: this.object, configuration, managers: this.managers, manager, subresource: '' };
    const applied = applyConfiguration({ ...application, time: this.#tick() }, this.versions);
    if (applied.conflicts.length > 0 && !options.force) throw applyConflict(applied.conflicts);
    this.object = settled(this.#schema, applied.object) as JsonObject;
    this.managers = applied.managers;
    return this;
  }

  update(manager: string, object: JsonObject): this {
    const update = { manager, subresource: '', time: this.#tick() };
    const change = { before: this.object, after: object };
    this.managers = trackUpdate(change, this.managers, { versions: this.versions, update });
    this.object = object;
    return this;
  }

  /** Who owns what: `{ 'a (Apply)': ['.list', …] }`. */
  owners(): Record<string, string[]> {
    return Object.fromEntries(
      this.managers.map(({ manager, operation, set }) => [
        `${manager} (${operation})`,
        fieldPaths(set).map(printPath).sort(),
      ]),
    );
  }

  #tick(): string {
    return `2026-01-01T00:00:${String(this.#time++ % 60).padStart(2, '0')}Z`;
  }
}

/** As a decode leaves it: without fields that are null; entries and items that are null hold nothing instead. */
function settled(schema: SchemaNode, value: unknown): unknown {
  if (Array.isArray(value)) {
    return schema.kind === 'list' ? value.map((item) => settled(schema.items, item ?? {})) : value;
  }
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const field = schema.kind === 'struct' ? schema.fields[name] : undefined;
    if (field && (member === null || member === undefined)) return [];
    const type = schema.kind === 'map' ? schema.values : (field?.type ?? schema);
    return [[name, settled(type, member ?? {})]];
  });
  return Object.fromEntries(kept);
}
