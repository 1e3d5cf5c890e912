/** The roles and bindings in memory, found by subject. */
import type { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { RoleBinding, RoleRef, Subject } from '../../api/rbac/role-binding.ts';
import type { PolicyRule, Role } from '../../api/rbac/role.ts';
import type { User } from '../ports.ts';
import { serviceAccountUserName } from '../authentication/users.ts';
import { CompiledRole } from './compiled-role.ts';

type Binding = RoleBinding | ClusterRoleBinding;

/** A binding, and which of its subjects a user is. */
export interface Grant {
  readonly binding: Binding;
  readonly subject: Subject;
  /** Undefined when the role that the binding names is not there. */
  readonly role: CompiledRole | undefined;
}

/** Any of the four kinds, as a watch delivers them. */
export type RbacObject = Role | ClusterRole | RoleBinding | ClusterRoleBinding;

/** A binding under one of its subjects. */
export interface Bound extends Omit<Grant, 'role'> {
  /** Where its role is. */
  readonly roleKey: string;
}

/** Bindings of one scope by subject, then by name. Those of service accounts are by their users' names. */
interface Scope {
  readonly users: Map<string, Map<string, Bound>>;
  readonly groups: Map<string, Map<string, Bound>>;
}

/** Looks at a grant; its role may not be there. True: this is what was looked for. */
export type Look = (bound: Bound, role: CompiledRole | undefined) => boolean;

/** Roles and bindings, indexed by scope and subject so that a decision looks only at what concerns its user. */
export class RoleIndex {
  /** Roles by `namespace/name`, or `/name` for cluster roles. */
  readonly #roles = new Map<string, CompiledRole>();
  /** Bindings by namespace; '' for the cluster. */
  readonly #scopes = new Map<string, Scope>();
  readonly #bindings = new Map<string, Binding>();
  #generation = 0;

  /** Rises with every change. */
  get generation(): number {
    return this.#generation;
  }

  /** Takes in a created or changed object. */
  apply(object: RbacObject): void {
    this.#generation++;
    if (isBinding(object)) {
      this.#unlink(object.metadata);
      this.#link(object);
    } else {
      const { namespace, name } = object.metadata;
      this.#roles.set(keyIn(namespace, name), new CompiledRole(object.rules ?? []));
    }
  }

  /** Forgets a deleted object. */
  remove(object: RbacObject): void {
    this.#generation++;
    if (isBinding(object)) this.#unlink(object.metadata);
    else this.#roles.delete(keyIn(object.metadata.namespace, object.metadata.name));
  }

  /** Forgets all objects of a kind. */
  clear(kind: string): void {
    this.#generation++;
    const isOfCluster = kind.startsWith('Cluster');
    const isOfKind = (key: string): boolean => key.startsWith('/') === isOfCluster;
    if (!kind.endsWith('Binding')) {
      for (const key of [...this.#roles.keys()].filter(isOfKind)) this.#roles.delete(key);
      return;
    }
    for (const [key, { metadata }] of [...this.#bindings]) if (isOfKind(key)) this.#unlink(metadata);
  }

  /** Everything that `user` is granted in `namespace` ('' for the cluster): what holds for the whole cluster first. */
  grantsTo(user: User, namespace: string): readonly Grant[] {
    const grants: Grant[] = [];
    this.search(user, namespace, ({ binding, subject }, role) => {
      grants.push({ binding, subject, role });
      return false;
    });
    return grants;
  }

  /** Shows the same to `look`, and what it makes of nothing, until that says that it has found what it wants. */
  search(user: User, namespace: string, look: Look): Bound | undefined {
    return this.#searchIn('', user, look) ?? (namespace === '' ? undefined : this.#searchIn(namespace, user, look));
  }

  /** The rules of a role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#roles.get(roleKey(roleRef, namespace))?.rules;
  }

  #searchIn(namespace: string, { name, groups }: User, look: Look): Bound | undefined {
    const scope = this.#scopes.get(namespace);
    if (!scope) return undefined;
    const own = this.#searchOf(scope.users.get(name), look);
    if (own || scope.groups.size === 0) return own;
    for (const group of groups) {
      const found = this.#searchOf(scope.groups.get(group), look);
      if (found) return found;
    }
    return undefined;
  }

  #searchOf(bound: Map<string, Bound> | undefined, look: Look): Bound | undefined {
    if (!bound) return undefined;
    for (const one of bound.values()) if (look(one, this.#roles.get(one.roleKey))) return one;
    return undefined;
  }

  #link(binding: Binding): void {
    const { namespace = '', name } = binding.metadata;
    this.#bindings.set(keyIn(namespace, name), binding);
    const scope = getOrAdd(this.#scopes, namespace, (): Scope => ({ users: new Map(), groups: new Map() }));
    const key = roleKey(binding.roleRef, namespace);
    for (const subject of binding.subjects ?? []) {
      const { subjects, of } = placeOf(subject, { scope, namespace });
      const bound = getOrAdd(subjects, of, () => new Map<string, Bound>());
      if (!bound.has(name)) bound.set(name, { binding, subject, roleKey: key });
    }
  }

  #unlink({ namespace = '', name }: Binding['metadata']): void {
    const key = keyIn(namespace, name);
    const known = this.#bindings.get(key);
    const scope = this.#scopes.get(namespace);
    if (!known || !scope) return;
    this.#bindings.delete(key);
    for (const subject of known.subjects ?? []) {
      const { subjects, of } = placeOf(subject, { scope, namespace });
      const bound = subjects.get(of);
      bound?.delete(name);
      if (bound?.size === 0) subjects.delete(of);
    }
    if (scope.users.size === 0 && scope.groups.size === 0) this.#scopes.delete(namespace);
  }
}

function isBinding(object: RbacObject): object is Binding {
  return 'roleRef' in object;
}

function keyIn(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function roleKey({ kind, name }: RoleRef, namespace: string): string {
  return keyIn(kind === 'ClusterRole' ? '' : namespace, name);
}

function placeOf(
  subject: Subject,
  { scope, namespace }: { readonly scope: Scope; readonly namespace: string },
): { readonly subjects: Scope['users']; readonly of: string } {
  const { kind, name } = subject;
  if (kind === 'Group') return { subjects: scope.groups, of: name };
  if (kind === 'ServiceAccount')
    return { subjects: scope.users, of: serviceAccountUserName(subject.namespace ?? namespace, name) };
  // Nobody is of any other kind, and no user has an empty name.
  return { subjects: scope.users, of: kind === 'User' ? name : '' };
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
