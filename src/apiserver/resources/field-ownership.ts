/** Keeps `metadata.managedFields`: who wrote which fields of an object. Source: apimachinery's managedfields. */
import { timestamp } from '../../base/clock.ts';
import { isReset, readManagers, writeManagers } from '../../machinery/apply/field-managers.ts';
import type { FieldManagers, ManagedFieldsEntry } from '../../machinery/apply/field-managers.ts';
import { fieldManagerErrors } from '../../machinery/apply/field-manager-name.ts';
import { leaf } from '../../machinery/apply/field-set.ts';
import type { FieldSet } from '../../machinery/apply/field-set.ts';
import { trackUpdate } from '../../machinery/apply/track-update.ts';
import { typeOfObject } from '../../machinery/apply/type-of-schema.ts';
import type { Change, FieldFilter, OtherVersion, VersionedType } from '../../machinery/apply/versioned-objects.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { invalidError } from './api-errors.ts';
import { withConversions } from './convert-version.ts';
import type { Convert } from './convert-version.ts';
import type { Draft, HandlerContext, WriteRequest } from './handler-context.ts';
import { hasStatus, metadataOfStatusWrites } from './kind-rules.ts';
import { metadataOf } from './object-metadata.ts';
import { writesStatus } from './subresource-rules.ts';

/** A new object belongs to its creator; one whose fields can't be told apart belongs to nobody, and is refused later. */
export function ownCreated(context: HandlerContext, request: WriteRequest, draft: Draft): void {
  try {
    // Nobody has managed it in another version yet.
    const convert: Convert = (object) => object;
    setManagers(draft, tracked(context, request, { before: {}, after: draft, managers: [], convert }));
  } catch {
    setEntries(draft, undefined);
  }
}

/** What an update does to ownership: `entries` are those that the client sent. */
export interface OwnedUpdate {
  readonly old: ApiObject;
  readonly draft: Draft;
  readonly entries: unknown;
}

/** What an update changed belongs to the updater. Objects that nobody manages stay so. At once, unless a webhook is asked. */
export function ownUpdated(
  context: HandlerContext,
  request: WriteRequest,
  { old, draft, entries }: OwnedUpdate,
): Promise<void> | void {
  const live = old.metadata.managedFields;
  // A pod that gets its node is still the pod that its author wrote.
  if (request.attributes.subresource === 'binding') return setEntries(draft, live);
  const sent = request.attributes.subresource === '' && !equalJson(entries, live) ? entries : undefined;
  const managers = isReset(sent) ? [] : (sentManagers(request, sent) ?? managersOf(old));
  if (managers.length === 0) {
    setEntries(draft, undefined);
    return;
  }
  const settle = (after: FieldManagers): void => {
    if (after === managers && sent === undefined) setEntries(draft, live);
    else setManagers(draft, after);
  };
  // Upstream, too, rather keeps the entries as they are than refuses the update.
  const keep = (): void => setEntries(draft, live);
  try {
    const after = withConversions((convert) =>
      tracked(context, request, { before: old, after: draft, managers, convert }),
    );
    return after instanceof Promise ? after.then(settle).catch(keep) : settle(after);
  } catch {
    keep();
  }
}

/** The managers of a stored object. */
export function managersOf(object: ApiObject): FieldManagers {
  try {
    return readManagers(object.metadata.managedFields, { trusted: true });
  } catch {
    return [];
  }
}

/**
 * Clients may write the entries themselves; what makes no sense, or is nothing, is as if it had not been sent. Throws
 * Invalid for names that no manager may have.
 */
function sentManagers({ resource, attributes }: WriteRequest, entries: unknown): FieldManagers | undefined {
  const managers = readable(entries);
  if (!managers || managers.length === 0) return undefined;
  const errors = managers.flatMap(({ manager }, i) =>
    fieldManagerErrors(manager, `metadata.managedFields[${i}].manager`),
  );
  if (errors.length > 0) throw invalidError(resource, attributes.name, errors);
  return managers;
}

function readable(entries: unknown): FieldManagers | undefined {
  try {
    return readManagers(entries, { trusted: false });
  } catch {
    return undefined;
  }
}

/** Undoes what admission did to the entries, if they make no sense any more. */
export function keepReadable(
  draft: Draft,
  { entries, warnings }: { readonly entries: unknown; warnings: string[] },
): void {
  const after = metadataOf(draft).managedFields;
  if (after === entries || readable(after)) return;
  setEntries(draft, entries as readonly ManagedFieldsEntry[] | undefined);
  warnings.push(
    '.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests',
  );
}

/** Replaces the entries of an object. */
export function setManagers(draft: Draft, managers: FieldManagers): void {
  setEntries(draft, writeManagers(managers));
}

function setEntries(draft: Draft, entries: readonly ManagedFieldsEntry[] | undefined): void {
  const metadata = metadataOf(draft);
  if (entries === undefined) delete metadata.managedFields;
  else Object.assign(metadata, { managedFields: entries });
}

interface TrackedChange extends Change {
  readonly managers: FieldManagers;
  readonly convert: Convert;
}

function tracked(
  context: HandlerContext,
  request: WriteRequest,
  { before, after, managers, convert }: TrackedChange,
): FieldManagers {
  const { resource, attributes, fieldManager = '' } = request;
  const { subresource } = attributes;
  const update = { manager: fieldManager, subresource, time: timestamp(context.clock.now()) };
  const versions = versionsOf(context, { resource, subresource, convert });
  return trackUpdate({ before, after }, managers, { versions, update });
}

/** An object without its entries, sharing everything else. */
export function withoutManagedFields<T extends ApiObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _entries, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Whether entries differ in nothing but their times. */
export function differOnlyInTime(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((entry: ManagedFieldsEntry, index) =>
    equalJson({ ...entry, time: undefined }, { ...(b[index] as ManagedFieldsEntry), time: undefined }),
  );
}

/** What ownership depends on beside the object. */
export interface OwnedKind {
  readonly resource: Resource;
  readonly subresource: string;
  readonly convert: Convert;
}

/** A kind as field ownership sees it, with what writes through `subresource` may own. */
export function versionsOf(context: HandlerContext, { resource, subresource, convert }: OwnedKind): VersionedType {
  return {
    apiVersion: resource.apiVersion,
    type: typeOfObject(resource.schema),
    filter: filterOf(resource, subresource),
    otherVersion(apiVersion) {
      const other = context.caches.sharing(resource).find((candidate) => candidate.apiVersion === apiVersion);
      return other && otherVersion(other, { resource, subresource, convert });
    },
  };
}

function otherVersion(other: Resource, { resource, subresource, convert }: OwnedKind): OtherVersion {
  return {
    type: typeOfObject(other.schema),
    filter: filterOf(other, subresource),
    convert: (object) => convert(object, resource, other),
    convertBack: (object) => convert(object, other, resource),
  };
}

const filters = new WeakMap<Resource, Map<string, FieldFilter>>();

function filterOf(resource: Resource, subresource: string): FieldFilter {
  let known = filters.get(resource);
  if (!known) filters.set(resource, (known = new Map<string, FieldFilter>()));
  let filter = known.get(subresource);
  if (!filter) known.set(subresource, (filter = makeFilter(resource, subresource)));
  return filter;
}

/** What a path does not write is put back, so nobody owns it by writing there. Source: upstream's GetResetFields. */
function makeFilter(resource: Resource, subresource: string): FieldFilter {
  if (writesStatus(resource, subresource)) return (set) => statusOnly(resource, set);
  if (subresource === 'finalize') return specMemberOnly('f:finalizers');
  if (subresource === 'ephemeralcontainers') return specMemberOnly('f:ephemeralContainers');
  return hasStatus(resource) ? withoutStatus : (set) => set;
}

function withoutStatus(set: FieldSet | undefined): FieldSet | undefined {
  if (set?.['f:status'] === undefined) return set;
  const { 'f:status': _status, ...rest } = set;
  return nonEmpty(rest);
}

function statusOnly(resource: Resource, set: FieldSet | undefined): FieldSet | undefined {
  if (!set) return undefined;
  const written = metadataOfStatusWrites(resource).map((member) => `f:${member}`);
  const metadata = only(set['f:metadata'], written);
  return nonEmpty({ ...(metadata ? { 'f:metadata': metadata } : {}), ...only(set, ['f:status']) });
}

function specMemberOnly(element: string): FieldFilter {
  return (set) => {
    const spec = only(set?.['f:spec'], [element]);
    return spec && { 'f:spec': spec };
  };
}

function only(set: FieldSet | undefined, elements: readonly string[]): FieldSet | undefined {
  const kept = elements.filter((element) => set?.[element] !== undefined).sort();
  return nonEmpty(Object.fromEntries(kept.map((element) => [element, set?.[element] ?? leaf])));
}

function nonEmpty(set: FieldSet): FieldSet | undefined {
  return Object.keys(set).length > 0 ? set : undefined;
}
