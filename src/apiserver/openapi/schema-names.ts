/** The names under which OpenAPI knows the types: `io.k8s.api.core.v1.Pod`. */
import type { Resource } from '../../machinery/resource.ts';
import type { SchemaNode, StructNode } from '../../machinery/schema.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const metaTypes: ReadonlySet<string> = new Set([
  'Condition',
  'DeleteOptions',
  'GroupVersionKind',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
]);

/** Names every struct that can be reached from some kinds: one belongs to the first group that mentions it. */
export class SchemaNames {
  readonly #names = new Map<StructNode, string>();

  constructor(resources: readonly Resource[]) {
    // What several groups share, such as pod templates, is core's.
    const coreFirst = [...resources].sort((a, b) => Number(a.group !== '') - Number(b.group !== ''));
    for (const resource of coreFirst) this.#visit(resource.schema, packageOf(resource));
  }

  /** The name of a struct. */
  nameOf(node: StructNode): string {
    return this.#names.get(node) ?? `${metaPackage}.${node.name}`;
  }

  #visit(node: SchemaNode, owner: string): void {
    if (node.kind === 'list') return this.#visit(node.items, owner);
    if (node.kind === 'map') return this.#visit(node.values, owner);
    if (node.kind !== 'struct' || this.#names.has(node)) return;
    this.#names.set(node, `${metaTypes.has(node.name) ? metaPackage : owner}.${node.name}`);
    for (const field of Object.values(node.fields)) this.#visit(field.type, owner);
  }
}

/** The package of a kind: `io.k8s.api.apps.v1`; for groups outside Kubernetes the reversed domain. */
export function packageOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  if (group === '' || !group.includes('.') || group.endsWith('.k8s.io')) {
    return `io.k8s.api.${(group === '' ? 'core' : group).replace(/\.authorization\.k8s\.io$|\.k8s\.io$/, '')}.${version}`;
  }
  return [...group.split('.').reverse(), version].join('.');
}

/** The name of a type of apimachinery's meta package. */
export function metaName(type: string): string {
  return `${metaPackage}.${type}`;
}
