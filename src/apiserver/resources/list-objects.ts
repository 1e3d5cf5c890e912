import { StatusError } from '../../base/errors.ts';
import type { Resource } from '../../machinery/resource.ts';
import { parseSelection } from '../cache/selection.ts';
import type { ObjectSelection, SelectionText } from '../cache/selection.ts';
import { kindPrefix } from '../cache/storage-key.ts';
import { StoredObject } from '../cache/stored-object.ts';
import { badRequest, continueExpired, refusedAs, storeFailure } from './api-errors.ts';
import type { HandlerContext } from './handler-context.ts';
import { checkListOptions } from './list-options.ts';

/** What a list asks for; numbers not yet parsed out of their text. */
export interface ListRequest extends SelectionText {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly sendInitialEvents?: boolean | undefined;
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
  checkListOptions(request);
  const limit = request.limit || undefined;
  if (request.continue) {
    const { revision, after } = parseContinue(request.continue);
    if (revision === anyRevision) await context.caches.fresh();
    const past = { resource, selection, limit, after };
    return readPast(context, { ...past, revision: revision === anyRevision ? context.caches.revision : revision });
  }
  const wanted = parseVersion(request.resourceVersion);
  if (request.resourceVersionMatch === 'Exact' && wanted !== undefined) {
    if (wanted > context.caches.revision) await context.caches.reached(wanted);
    return readPast(context, { resource, selection, limit, revision: wanted, after: '' });
  }
  if (wanted === undefined) await context.caches.fresh();
  else if (wanted > context.caches.revision) await context.caches.reached(wanted);
  if (resource.custom?.convert) await context.caches.of(resource).converted();
  // Whoever takes any version gets all of it, as from upstream's watch cache.
  return readCache(context, { resource, selection, limit: wanted === 0 ? undefined : limit });
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
