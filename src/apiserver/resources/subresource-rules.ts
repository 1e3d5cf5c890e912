/** Which parts of an object a write through each of its paths may change. */
import { copyJson } from '../../base/copy-json.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import { methodNotSupported } from './api-errors.ts';
import type { Draft } from './handler-context.ts';
import { hasStatus, metadataOfStatusWrites } from './kind-rules.ts';

/** The version that was sent and the one that is there. */
export interface Versions {
  readonly sent: Draft;
  readonly current: StoredObject;
}

/** The next version: what the path may write as it was sent, the rest as it is. Shares nothing with the cache. */
export function mergeSubresource(resource: Resource, subresource: string, { sent, current }: Versions): Draft {
  if (writesStatus(resource, subresource)) return statusOnly(resource, { sent, current });
  if (subresource === '' || subresource === 'scale') return withoutProtectedParts(resource, { sent, current });
  // What a binding makes of a pod was made of the current version.
  if (subresource === 'binding') return sent;
  const write = resource.specSubresources?.[subresource];
  if (!write) throw methodNotSupported();
  const copy = copyOf(current);
  copy['spec'] = definedOnly(write(sent, copy));
  return copy;
}

/** Whether the object itself is what a subresource shows. */
export function showsObject(resource: Resource, subresource: string): boolean {
  return subresource === '' || writesStatus(resource, subresource) || subresource in (resource.specSubresources ?? {});
}

/** Whether a subresource is the object with nothing but its status to write: `status`, or one that stands for it. */
export function writesStatus(resource: Resource, subresource: string): boolean {
  return subresource === 'status' || (resource.statusSubresources?.includes(subresource) ?? false);
}

/** A copy of the current version that may be changed. */
export function copyOf(current: StoredObject): Draft {
  return copyJson(current.object) as unknown as Draft;
}

function withoutProtectedParts(resource: Resource, { sent, current }: Versions): Draft {
  if (!hasStatus(resource)) return sent;
  const { status } = current.object as { readonly status?: unknown };
  if (status === undefined) delete sent['status'];
  else sent['status'] = copyJson(status);
  return sent;
}

function statusOnly(resource: Resource, { sent, current }: Versions): Draft {
  const copy = copyOf(current);
  copy['status'] = sent['status'];
  const written = metadataOfStatusWrites(resource).map((member) => [member, sent.metadata[member]] as const);
  copy.metadata = definedOnly({ ...copy.metadata, ...Object.fromEntries(written) });
  return copy;
}

function definedOnly<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
