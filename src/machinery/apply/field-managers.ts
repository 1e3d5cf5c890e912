/** Who manages which fields of an object: the entries of its `metadata.managedFields`. Source: apimachinery's managedfields. */
import { isJsonObject } from '../schema.ts';
import type { Writable } from '../schema.ts';
import { hasChildren, leaf, ordered } from './field-set.ts';
import type { FieldSet, FieldSetDraft } from './field-set.ts';
import { canonicalElement } from './path-element.ts';

/** An entry as objects carry it. Source: meta/v1 ManagedFieldsEntry. */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly time?: string | undefined;
  readonly fieldsType?: string | undefined;
  readonly fieldsV1?: unknown;
  readonly subresource?: string | undefined;
}

/** The fields of one manager. */
export interface FieldManager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339. */
  readonly time: string | undefined;
  readonly set: FieldSet;
}

/** Who writes. An applier keeps its fields when it changes to another version; an updater of each version is one apart. */
export type Writer = Pick<FieldManager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** All managers of an object. */
export type FieldManagers = readonly FieldManager[];

/** Whether an entry is the one of `writer`. */
export function isManager(entry: Writer, writer: Writer): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === writer.operation &&
    entry.subresource === writer.subresource &&
    (entry.operation === 'Apply' || entry.apiVersion === writer.apiVersion)
  );
}

/** Reads entries. `trusted` ones were written by this server. Throws Error for what makes no sense. */
export function readManagers(entries: unknown, options: { readonly trusted: boolean }): FieldManagers {
  if (entries === undefined || entries === null) return [];
  if (!Array.isArray(entries)) throw new Error('managedFields must be a list');
  const managers: FieldManager[] = [];
  for (const [index, entry] of (entries as readonly ManagedFieldsEntry[]).entries()) {
    const manager = readManager(entry, index, options.trusted);
    const known = managers.findIndex((other) => isManager(other, manager));
    if (known < 0) managers.push(manager);
    else managers[known] = manager;
  }
  return managers;
}

function readManager(entry: ManagedFieldsEntry, index: number, trusted: boolean): FieldManager {
  const { manager = '', operation, apiVersion = '', subresource = '', time, fieldsType = '', fieldsV1 } = entry;
  if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`');
  if (apiVersion === '') throw new Error('apiVersion must not be empty');
  if (fieldsType === '') throw new Error(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== 'FieldsV1')
    throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
  const sent = (fieldsV1 ?? leaf) as FieldSet;
  return { manager, operation, apiVersion, subresource, time, set: trusted ? sent : canonicalSet(sent) };
}

/** A set out of what a client sent. */
function canonicalSet(value: unknown): FieldSet {
  if (!isJsonObject(value)) throw new Error(`expected an object, got ${JSON.stringify(value)}`);
  const { '.': _self, ...set } = canonicalNode(value);
  return set;
}

function canonicalNode(value: unknown): FieldSet {
  if (!isJsonObject(value)) throw new Error(`expected an object, got ${JSON.stringify(value)}`);
  const target: FieldSetDraft = {};
  for (const [element, child] of Object.entries(value)) {
    if (element === '.') target['.'] = leaf;
    else {
      const canonical = canonicalElement(element);
      if (canonical !== undefined) target[canonical] = canonicalNode(child);
    }
  }
  return hasChildren(target) ? ordered(target) : leaf;
}

/**
 * Whether entries ask for the object not to be managed any more: a list without entries, or with one that is empty.
 * Source: apimachinery's isResetManagedFields.
 */
export function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries)) return false;
  if (entries.length === 0) return true;
  return entries.length === 1 && isJsonObject(entries[0]) && Object.keys(entries[0]).length === 0;
}

/** The entries of managers, in upstream's order; undefined for none. */
export function writeManagers(managers: FieldManagers): ManagedFieldsEntry[] | undefined {
  if (managers.length === 0) return undefined;
  return [...managers].sort(compareManagers).map(entryOf);
}

function entryOf({ manager, operation, apiVersion, time, set, subresource }: FieldManager): ManagedFieldsEntry {
  const entry: Writable<ManagedFieldsEntry> = {};
  if (manager !== '') entry.manager = manager;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = 'FieldsV1';
  entry.fieldsV1 = set;
  if (subresource !== '') entry.subresource = subresource;
  return entry;
}

/** Appliers first, then by time, name, version. Source: apimachinery's sortEncodedManagedFields. */
function compareManagers(a: FieldManager, b: FieldManager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** The order of times and names; times are in UTC, to the second. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
