/** The names under which OpenAPI knows the types: `io.k8s.api.core.v1.Pod`. */
import type { Resource } from '../../machinery/resource.ts';
import type { SchemaNode, StructNode } from '../../machinery/schema.ts';

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const metaTypes: ReadonlySet<string> = new Set([
  'Condition',
  'DeleteOptions',
  'FieldSelectorRequirement',
  'GroupResource',
  'GroupVersionKind',
  'LabelSelector',
  'LabelSelectorRequirement',
  'ListMeta',
  'ManagedFieldsEntry',
  'ObjectMeta',
  'OwnerReference',
  'Preconditions',
]);

/** Types of the core group that only kinds of other groups mention. */
const coreTypes: ReadonlySet<string> = new Set(['TopologySelectorTerm', 'TopologySelectorLabelRequirement']);

/** Groups whose Go packages live elsewhere than the others'. */
const packages: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'internal.apiserver.k8s.io': 'io.k8s.api.apiserverinternal',
};

/** Where a struct belongs: `group` undefined for apimachinery's. */
interface Owner {
  readonly group: string | undefined;
  readonly name: string;
}

/** Names every struct that can be reached from some kinds: one belongs to the first group that mentions it. */
export class SchemaNames {
  readonly #owners = new Map<StructNode, Owner>();

  constructor(resources: readonly Resource[]) {
    // What several groups share, such as pod templates, is core's.
    const coreFirst = [...resources].sort((a, b) => Number(a.group !== '') - Number(b.group !== ''));
    for (const resource of coreFirst) {
      this.#owners.set(resource.schema, { group: resource.group, name: nameOfKind(resource, resource.kind) });
    }
    for (const resource of coreFirst) this.#visitFields(resource.schema, resource);
  }

  /** The name of a struct. */
  nameOf(node: StructNode): string {
    return this.#owners.get(node)?.name ?? metaName(node.name);
  }

  /** The group that a struct belongs to; undefined for those of apimachinery. */
  groupOf(node: StructNode): string | undefined {
    return this.#owners.get(node)?.group;
  }

  #visit(node: SchemaNode, by: Resource): void {
    if (node.kind === 'list') return this.#visit(node.items, by);
    if (node.kind === 'map') return this.#visit(node.values, by);
    if (node.kind !== 'struct' || this.#owners.has(node)) return;
    this.#owners.set(node, ownerOf(node, by));
    this.#visitFields(node, by);
  }

  #visitFields(node: StructNode, by: Resource): void {
    for (const field of Object.values(node.fields)) this.#visit(field.type, by);
  }
}

function ownerOf({ name }: StructNode, by: Resource): Owner {
  if (metaTypes.has(name)) return { group: undefined, name: metaName(name) };
  if (coreTypes.has(name)) return { group: '', name: `io.k8s.api.core.v1.${name}` };
  return { group: by.group, name: nameOfKind(by, name) };
}

type PackageOwner = Pick<Resource, 'group' | 'version' | 'openApiSchema'>;

/** The name of a type in the package of a resource: `io.k8s.api.apps.v1.DeploymentList`. */
export function nameOfKind(resource: PackageOwner, type: string): string {
  return `${packageOf(resource)}.${type}`;
}

/** The package of a kind: `io.k8s.api.apps.v1`; for groups outside Kubernetes the reversed domain. */
function packageOf({ group, version, openApiSchema }: PackageOwner): string {
  if (openApiSchema) return [...group.split('.').reverse(), version].join('.');
  const special = packages[group];
  if (special) return `${special}.${version}`;
  if (group === '') return `io.k8s.api.core.${version}`;
  if (!group.includes('.') || builtinDomain.test(group)) return `io.k8s.api.${group.split('.')[0]}.${version}`;
  return [...group.split('.').reverse(), version].join('.');
}

/** Groups of Kubernetes itself; those of its subprojects end in `x-k8s.io`. */
const builtinDomain = /^[a-z]+(\.(authorization|apiserver))?\.k8s\.io$/;

/** The name of a type of apimachinery's meta package. */
export function metaName(type: string): string {
  return `${metaPackage}.${type}`;
}
