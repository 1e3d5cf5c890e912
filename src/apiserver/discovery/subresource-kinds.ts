/** What a subresource speaks: the kind of its body, and the verbs it takes. */
import type { Resource } from '../../machinery/resource.ts';

/** The kind and verbs of a subresource. `group` and `version` are those of the kind. */
export interface SubresourceKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

const own =
  (verbs: readonly string[]) =>
  (parent: Resource): SubresourceKind => ({ ...gvk(parent), verbs });
const other = (group: string, version: string, kind: string, verbs: readonly string[]) => (): SubresourceKind => ({
  group,
  version,
  kind,
  verbs,
});
const options =
  (suffix: string, verbs: readonly string[]) =>
  (parent: Resource): SubresourceKind => ({
    ...gvk(parent),
    kind: `${parent.kind}${suffix}`,
    verbs,
  });

function gvk({ group, version, kind }: Resource): { group: string; version: string; kind: string } {
  return { group, version, kind };
}

const readWrite = ['get', 'patch', 'update'];

const kinds: Readonly<Record<string, (parent: Resource) => SubresourceKind>> = {
  status: own(readWrite),
  scale: other('autoscaling', 'v1', 'Scale', readWrite),
  finalize: own(['update']),
  approval: own(readWrite),
  ephemeralcontainers: own(readWrite),
  resize: own(readWrite),
  log: own(['get']),
  binding: other('', 'v1', 'Binding', ['create']),
  eviction: other('policy', 'v1', 'Eviction', ['create']),
  token: other('authentication.k8s.io', 'v1', 'TokenRequest', ['create']),
  exec: options('ExecOptions', ['create', 'get']),
  attach: options('AttachOptions', ['create', 'get']),
  portforward: options('PortForwardOptions', ['create', 'get']),
  proxy: options('ProxyOptions', ['create', 'delete', 'get', 'patch', 'update']),
};

/** The kind and verbs of `parent`'s subresource; an unknown one is taken to speak its parent's kind. */
export function subresourceKind(parent: Resource, subresource: string): SubresourceKind {
  return (kinds[subresource] ?? own(readWrite))(parent);
}
