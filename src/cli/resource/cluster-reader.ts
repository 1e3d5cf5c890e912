import { hasReason } from '../../base/errors.ts';
import type { ApiConnection } from '../http/api-connection.ts';
import type { ApiResource } from './discovery.ts';
import { asKubeObject, objectsOf } from './kube-object.ts';
import type { KubeObject } from './kube-object.ts';
import { apiPath } from './resource-path.ts';

type Resource = Pick<ApiResource, 'group' | 'version' | 'plural' | 'namespaced'>;

/** Reads what belongs to an object: events, pods, replica sets. */
export interface ClusterReader {
  get(resource: Resource, key: { readonly namespace?: string; readonly name: string }): Promise<KubeObject>;
  /** undefined when the server does not let the user, or does not have the resource. */
  list(
    resource: Resource,
    selection: { readonly namespace?: string; readonly labelSelector?: string; readonly fieldSelector?: string },
  ): Promise<readonly KubeObject[] | undefined>;
}

/** A reader over a connection. */
export function createClusterReader(connection: ApiConnection): ClusterReader {
  return {
    async get(resource, { namespace, name }) {
      return asKubeObject(await connection.json({ path: apiPath(resource, { namespace, name }) }));
    },
    async list(resource, { namespace, labelSelector, fieldSelector }) {
      try {
        const query = { labelSelector: labelSelector || undefined, fieldSelector: fieldSelector || undefined };
        return objectsOf(await connection.json({ path: apiPath(resource, { namespace }), query }));
      } catch (error) {
        if (hasReason(error, 'Forbidden', 'NotFound')) return undefined;
        throw error;
      }
    },
  };
}
