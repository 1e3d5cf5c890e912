/** The names of users and groups that Kubernetes itself knows. Source: apiserver's authentication/user. */
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import type { User } from '../ports.ts';

/** Members may do everything. */
export const systemMasters = 'system:masters';
/** Everyone who proved who they are. */
export const authenticatedGroup = 'system:authenticated';
/** Everyone else. */
export const unauthenticatedGroup = 'system:unauthenticated';
/** The user of requests without credentials. */
export const anonymousName = 'system:anonymous';
/** Every kubelet. */
export const nodesGroup = 'system:nodes';
/** Begins the name of a kubelet's user. */
export const nodeUserPrefix = 'system:node:';
/** Every service account. */
export const serviceAccountsGroup = 'system:serviceaccounts';
const serviceAccountPrefix = 'system:serviceaccount:';

/** The user of requests without credentials. */
export const anonymousUser: User = { name: anonymousName, groups: [unauthenticatedGroup] };

/** The API server's own identity, for its in-process client. */
export const apiServerUser: User = { name: 'system:apiserver', groups: [systemMasters, authenticatedGroup] };

/** The user name of a service account. */
export function serviceAccountUserName(namespace: string, name: string): string {
  return `${serviceAccountPrefix}${namespace}:${name}`;
}

/** The service account behind a user name, if it is one. */
export function serviceAccountOf(userName: string): { readonly namespace: string; readonly name: string } | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(userName);
  const [, namespace, name] = match ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const isName = dns1123LabelErrors(namespace).length === 0 && dns1123SubdomainErrors(name).length === 0;
  return isName ? { namespace, name } : undefined;
}

/** The groups of the service accounts of a namespace. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [serviceAccountsGroup, `${serviceAccountsGroup}:${namespace}`];
}

/** The node that a kubelet's user stands for, '' if it names none; undefined for all other users. */
export function nodeOfUser(user: User): string | undefined {
  if (!user.name.startsWith(nodeUserPrefix) || !user.groups.includes(nodesGroup)) return undefined;
  return user.name.slice(nodeUserPrefix.length);
}
