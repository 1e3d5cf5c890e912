/** Short ways to write the rules of bootstrap roles. */
import type { PolicyRule } from '../../api/rbac/role.ts';

/** Verbs that read. */
export const read = 'get list watch';
/** Verbs that write. */
export const write = 'create update patch delete deletecollection';
/** All verbs that are no special power. */
export const readWrite = `${read} ${write}`;

/** `allow('get list', 'pods services', 'apps')`: space-separated verbs, resources and groups ('' is core, as is `core`). */
export function allow(verbs: string, resources: string, groups = 'core', names?: string): PolicyRule {
  return {
    verbs: verbs.split(' '),
    apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
    resources: resources.split(' '),
    ...(names === undefined ? {} : { resourceNames: names.split(' ') }),
  };
}

/** `allowPaths('get', '/healthz /version')`. */
export function allowPaths(verbs: string, paths: string): PolicyRule {
  return { verbs: verbs.split(' '), nonResourceURLs: paths.split(' ') };
}

/** Every component reports events. */
export const reportEvents: PolicyRule = allow('create patch update', 'events', 'core events.k8s.io');

/** Components that serve ask the API server who their callers are. */
export const delegateAuthentication: readonly PolicyRule[] = [
  allow('create', 'tokenreviews', 'authentication.k8s.io'),
  allow('create', 'subjectaccessreviews', 'authorization.k8s.io'),
];
