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

type Bound = Omit<Grant, 'role'>;
/** Bindings of one scope by subject, then by name. */
type Scope = Map<string, Map<string, Bound>>;

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
    this.#gather(grants, user, '');
    if (namespace !== '') this.#gather(grants, user, namespace);
    return grants;
  }

  /** The rules of a role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#roleOf(roleRef, namespace)?.rules;
  }

  #roleOf({ kind, name }: RoleRef, namespace: string): CompiledRole | undefined {
    return this.#roles.get(keyIn(kind === 'ClusterRole' ? '' : namespace, name));
  }

  #gather(grants: Grant[], { name, groups }: User, namespace: string): void {
    const scope = this.#scopes.get(namespace);
    if (!scope) return;
    this.#gatherOf(grants, scope.get(`User:${name}`), namespace);
    for (const group of groups) this.#gatherOf(grants, scope.get(`Group:${group}`), namespace);
  }

  #gatherOf(grants: Grant[], bound: Map<string, Bound> | undefined, namespace: string): void {
    if (!bound) return;
    for (const { binding, subject } of bound.values()) {
      grants.push({ binding, subject, role: this.#roleOf(binding.roleRef, namespace) });
    }
  }

  #link(binding: Binding): void {
    const { namespace = '', name } = binding.metadata;
    this.#bindings.set(keyIn(namespace, name), binding);
    const scope = getOrAdd(this.#scopes, namespace, (): Scope => new Map());
    for (const subject of binding.subjects ?? []) {
      const bound = getOrAdd(scope, subjectKey(subject, namespace), () => new Map<string, Bound>());
      if (!bound.has(name)) bound.set(name, { binding, subject });
    }
  }

  #unlink({ namespace = '', name }: Binding['metadata']): void {
    const key = keyIn(namespace, name);
    const known = this.#bindings.get(key);
    const scope = this.#scopes.get(namespace);
    if (!known || !scope) return;
    this.#bindings.delete(key);
    for (const subject of known.subjects ?? []) {
      const of = subjectKey(subject, namespace);
      const bound = scope.get(of);
      bound?.delete(name);
      if (bound?.size === 0) scope.delete(of);
    }
    if (scope.size === 0) this.#scopes.delete(namespace);
  }
}

function isBinding(object: RbacObject): object is Binding {
  return 'roleRef' in object;
}

function keyIn(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function subjectKey(subject: Subject, namespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind}:${subject.name}`;
  return `User:${serviceAccountUserName(subject.namespace ?? namespace, subject.name)}`;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
