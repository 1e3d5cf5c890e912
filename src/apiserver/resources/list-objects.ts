import { StatusError } from '../../base/errors.ts';
import type { Resource } from '../../machinery/resource.ts';
import { keyString } from '../../machinery/resource.ts';
import { tooLarge } from '../cache/resource-caches.ts';
import { parseSelection } from '../cache/selection.ts';
import type { ObjectSelection, SelectionText } from '../cache/selection.ts';
import { kindPrefix } from '../cache/storage-key.ts';
import { StoredObject } from '../cache/stored-object.ts';
import { badRequest, continueExpired, refusedAs, storeFailure } from './api-errors.ts';
import type { HandlerContext } from './handler-context.ts';

/** What a list asks for; numbers not yet parsed out of their text. */
export interface ListRequest extends SelectionText {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

/** A page of a list, all of it as it was at `revision`. */
export interface ListPage {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  readonly continue?: string | undefined;
  readonly remaining?: number | undefined;
}

/** Lists objects of a kind: from the cache, or for later pages and exact versions from the store's past. */
export async function listObjects(
  context: HandlerContext,
  resource: Resource,
  request: ListRequest,
): Promise<ListPage> {
  const selection = parseSelection(resource, request);
  const limit = request.limit || undefined;
  if (request.continue) {
    refuseBesideContinue(request);
    const { revision, after } = parseContinue(request.continue);
    if (revision === anyRevision) await context.caches.fresh();
    const past = { resource, selection, limit, after };
    return readPast(context, { ...past, revision: revision === anyRevision ? context.caches.revision : revision });
  }
  const wanted = parseVersion(request.resourceVersion);
  checkMatch(request, wanted);
  if (request.resourceVersionMatch === 'Exact' && wanted !== undefined) {
    if (wanted > context.caches.revision) await context.caches.reached(wanted);
    return readPast(context, { resource, selection, limit, revision: wanted, after: '' });
  }
  if (wanted === undefined) await context.caches.fresh();
  else if (wanted > context.caches.revision) await context.caches.reached(wanted);
  if (resource.custom?.convert) await context.caches.of(resource).converted();
  return readCache(context, { resource, selection, limit });
}

interface CacheRead {
  readonly resource: Resource;
  readonly selection: ObjectSelection;
  readonly limit: number | undefined;
}

function readCache({ caches }: HandlerContext, { resource, selection, limit }: CacheRead): ListPage {
  const { revision } = caches;
  const { items, last, remaining } = caches.of(resource).page(selection, limit);
  return last === undefined
    ? { items, revision }
    : { items, revision, continue: formatContinue(revision, last), remaining };
}

interface PastRead extends CacheRead {
  readonly revision: number;
  readonly after: string;
}

async function readPast(context: HandlerContext, read: PastRead): Promise<ListPage> {
  const { resource, selection, limit, revision } = read;
  const prefix = kindPrefix(resource, selection.namespace);
  const base = kindPrefix(resource);
  const items: StoredObject[] = [];
  let after = read.after === '' ? undefined : base + read.after;
  try {
    for (;;) {
      const page = await context.store.list(prefix, { revision, after, limit: limit && limit - items.length });
      const found = page.items.map(({ value, revision }) => StoredObject.fromStore(resource, value, revision));
      if (resource.custom?.convert) await StoredObject.convert(resource, found);
      for (const object of found) if (!selection.matches || selection.matches(object)) items.push(object);
      const last = page.items.at(-1)?.key;
      if (last === undefined || page.remaining === 0) return { items, revision };
      after = last;
      if (items.length === limit) {
        const remaining = selection.matches ? undefined : page.remaining;
        return { items, revision, continue: formatContinue(revision, last.slice(base.length)), remaining };
      }
    }
  } catch (error) {
    if (read.after !== '' && refusedAs(error, 'compacted')) {
      throw continueExpired(formatContinue(anyRevision, read.after), error);
    }
    throw storeFailure(error);
  }
}

/** Source: apiserver's ValidateListOptions and etcd3's store. */
function refuseBesideContinue({ resourceVersion, resourceVersionMatch }: ListRequest): void {
  if (resourceVersionMatch) {
    throw invalidOptions(
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    );
  }
  if (resourceVersion && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
}

function checkMatch({ resourceVersionMatch: match }: ListRequest, version: number | undefined): void {
  if (!match) return;
  const refuse = (detail: string): never => {
    throw invalidOptions(`resourceVersionMatch: ${detail}`);
  };
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    refuse(`Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`);
  }
  if (version === undefined) {
    refuse('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  if (match === 'Exact' && version === 0) {
    refuse('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

/** The failure of a list or watch whose options contradict each other. */
export function invalidOptions(detail: string): StatusError {
  return new StatusError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${detail}`);
}

/** A resourceVersion as a number; undefined when none was given. Throws Invalid. */
export function parseVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw new StatusError(
      'Invalid',
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  return Number(text);
}

/** The error of a version that has not been yet, for reads that do not wait. */
export const versionTooLarge = tooLarge;

/** In a token: go on behind the key, in whatever is there now. */
const anyRevision = -1;

/** Source: apiserver storage/continue.go, whose tokens are base64url JSON too. */
function formatContinue(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url');
}

function parseContinue(token: string): { readonly revision: number; readonly after: string } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof parsed === 'object' && parsed !== null && 'rv' in parsed && 'start' in parsed) {
      const { rv, start } = parsed;
      if (
        typeof rv === 'number' &&
        Number.isSafeInteger(rv) &&
        (rv > 0 || rv === anyRevision) &&
        typeof start === 'string'
      ) {
        return { revision: rv, after: start.replace(/\0$/, '') };
      }
    }
  } catch {
    // Falls through: a token that is not JSON is as wrong as one with other members.
  }
  throw badRequest(`continue key is not valid: ${JSON.stringify(token)}`);
}

/** The key of a listed object within its kind. */
export function keyWithinKind(object: StoredObject): string {
  return keyString(object.object.metadata);
}
