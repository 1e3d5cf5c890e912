import type { Resource } from '../../machinery/resource.ts';
import type { Call } from '../api.ts';
import type { User } from '../ports.ts';
import type { Exchange } from './exchange.ts';
import type { ResourcePath } from './request-path.ts';
import type { RequestTarget } from './request-target.ts';

/** A request about a resource that is served, by a user who is known. */
export interface ResourceExchange {
  readonly exchange: Exchange;
  readonly path: ResourcePath & { readonly resource: Resource };
  readonly target: RequestTarget;
  readonly user: User;
}

/** Whom a request is made for, and what it is about. */
export function callOf({ exchange, user, path }: ResourceExchange): Call {
  const { resource, namespace, name, subresource } = path;
  // An empty name is no name: a list may be authorized under the one in its field selector.
  const { audit } = exchange;
  return { user, resource, namespace, name: name === '' ? undefined : name, subresource, annotate: audit?.annotate };
}

/** What every client of a kind is warned of, and this one. */
export function deprecationOf({ deprecation }: Resource, warnings: readonly string[] = []): readonly string[] {
  return deprecation === undefined ? warnings : [deprecation, ...warnings];
}
