/** Columns of the RBAC kinds. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { Column } from '../../machinery/resource.ts';
import type { RoleRef, Subject } from './role-binding.ts';

interface Named {
  readonly metadata: ObjectMeta;
}

interface Binding extends Named {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[] | undefined;
}

/** The columns of bindings beside Name. */
export const bindingColumns: Readonly<Record<string, Column<Binding>>> = {
  Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  Age: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now),
  Users: { wide: true, value: (binding) => subjectsText(binding, 'User') },
  Groups: { wide: true, value: (binding) => subjectsText(binding, 'Group') },
  ServiceAccounts: { wide: true, value: (binding) => subjectsText(binding, 'ServiceAccount') },
};

function subjectsText({ subjects = [] }: Binding, wanted: Subject['kind']): string {
  const members = subjects.filter(({ kind }) => kind === wanted);
  return members
    .map(({ name, namespace }) => (wanted === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');
}
