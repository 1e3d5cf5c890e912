/** The roles and bindings in memory, found by subject. */
import type { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import type { ClusterRole } from '../../api/rbac/cluster-role.ts';
import type { RoleBinding, RoleRef, Subject } from '../../api/rbac/role-binding.ts';
import type { PolicyRule, Role } from '../../api/rbac/role.ts';
import type { User } from '../ports.ts';
import { serviceAccountUserName } from '../authentication/users.ts';

type Binding = RoleBinding | ClusterRoleBinding;

/** Rules that a user has, and through which binding. */
export interface GrantedRules {
  readonly binding: Binding;
  /** The subject of the binding that the user is. */
  readonly subject: string;
  readonly rules: readonly PolicyRule[];
}

/** Any of the four kinds, as a watch delivers them. */
export type RbacObject = Role | ClusterRole | RoleBinding | ClusterRoleBinding;

/** Roles and bindings, indexed by subject so that a decision looks only at what concerns its user. */
export class RoleIndex {
  /** Rules by `namespace/name`, or `/name` for cluster roles. */
  readonly #rules = new Map<string, readonly PolicyRule[]>();
  /** Bindings by scope (a namespace, '' for the cluster) and subject. */
  readonly #bySubject = new Map<string, Map<string, Map<string, Binding>>>();
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
      this.#unlink(object);
      this.#link(object);
    } else {
      this.#rules.set(roleKey(object.metadata.namespace, object.metadata.name), object.rules ?? []);
    }
  }

  /** Forgets a deleted object. */
  remove(object: RbacObject): void {
    this.#generation++;
    if (isBinding(object)) this.#unlink(object);
    else this.#rules.delete(roleKey(object.metadata.namespace, object.metadata.name));
  }

  /** Everything that `user` may do in `namespace` ('' for the cluster): cluster-wide grants first. */
  *grantsTo(user: User, namespace: string): Generator<GrantedRules> {
    const subjects = [`User:${user.name}`, ...user.groups.map((group) => `Group:${group}`)];
    yield* this.#grantsIn('', subjects);
    if (namespace !== '') yield* this.#grantsIn(namespace, subjects);
  }

  /** The rules of a role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#rules.get(roleKey(roleRef.kind === 'ClusterRole' ? undefined : namespace, roleRef.name));
  }

  *#grantsIn(scope: string, subjects: readonly string[]): Generator<GrantedRules> {
    const bySubject = this.#bySubject.get(scope);
    if (!bySubject) return;
    for (const subject of subjects) {
      for (const binding of bySubject.get(subject)?.values() ?? []) {
        const rules = this.rulesOf(binding.roleRef, scope);
        if (rules) yield { binding, subject, rules };
      }
    }
  }

  #link(binding: Binding): void {
    const { namespace = '', name } = binding.metadata;
    this.#bindings.set(`${namespace}/${name}`, binding);
    const bySubject = getOrAdd(this.#bySubject, namespace, () => new Map<string, Map<string, Binding>>());
    for (const subject of binding.subjects ?? []) {
      getOrAdd(bySubject, subjectKey(subject, namespace), () => new Map<string, Binding>()).set(name, binding);
    }
  }

  #unlink(binding: Binding): void {
    const { namespace = '', name } = binding.metadata;
    const known = this.#bindings.get(`${namespace}/${name}`);
    if (!known) return;
    this.#bindings.delete(`${namespace}/${name}`);
    for (const subject of known.subjects ?? []) {
      this.#bySubject.get(namespace)?.get(subjectKey(subject, namespace))?.delete(name);
    }
  }
}

function isBinding(object: RbacObject): object is Binding {
  return 'roleRef' in object;
}

function roleKey(namespace: string | undefined, name: string): string {
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
