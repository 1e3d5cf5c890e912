/** The paths of a kind and what can be done there, in neither OpenAPI version's form yet. */
import { Eviction } from '../../api/policy/eviction.ts';
import { Scale } from '../../api/autoscaling/scale.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import type { Resource, Verb } from '../../machinery/resource.ts';
import { subresourceKind } from '../discovery/subresource-kinds.ts';
import type { metaDocuments } from '../../machinery/meta-documents.ts';
import * as parameters from './parameters.ts';
import type { QueryParameter } from './parameters.ts';

/** What a body or an answer is made of. */
export type BodyKind =
  | { readonly object: Resource }
  | { readonly list: Resource }
  | { readonly meta: keyof typeof metaDocuments }
  | 'patch'
  | 'text'
  | undefined;

/** One operation. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';
  /** x-kubernetes-action; discovery has none. */
  readonly action: string | undefined;
  readonly id: string;
  readonly description: string;
  readonly tag: string;
  /** Of the body, or of the answer where there is none. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string } | undefined;
  readonly pathParameters: readonly PathParameter[];
  readonly queryParameters: readonly QueryParameter[];
  readonly body: BodyKind;
  readonly answer: BodyKind;
  /** Status codes of success. */
  readonly codes: readonly number[];
}

/** A parameter in the path. */
export interface PathParameter {
  readonly name: string;
  readonly description: string;
}

type Form = Pick<Operation, 'method' | 'action' | 'queryParameters'>;

const verbForms: Readonly<Record<Exclude<Verb, 'watch'>, Form & { readonly item: boolean }>> = {
  list: { method: 'get', action: 'list', item: false, queryParameters: parameters.list },
  create: { method: 'post', action: 'post', item: false, queryParameters: parameters.write },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    item: false,
    queryParameters: parameters.deleteCollection,
  },
  get: { method: 'get', action: 'get', item: true, queryParameters: parameters.read },
  update: { method: 'put', action: 'put', item: true, queryParameters: parameters.write },
  patch: { method: 'patch', action: 'patch', item: true, queryParameters: parameters.patch },
  delete: { method: 'delete', action: 'delete', item: true, queryParameters: parameters.remove },
};

/** All operations on a kind and its subresources. */
export function operationsOf(resource: Resource): readonly Operation[] {
  const verbs = resource.verbs.filter((verb): verb is keyof typeof verbForms => verb !== 'watch');
  const own = verbs.flatMap((verb) => verbOperations(resource, verb));
  return [...own, ...resource.subresources.flatMap((subresource) => subresourceOperations(resource, subresource))];
}

/** Kinds that only subresources speak; their schemas are part of their parents' documents. */
export const subresourceResources: readonly Resource[] = [Scale, Eviction, TokenRequest] as readonly Resource[];

function verbOperations(resource: Resource, verb: keyof typeof verbForms): Operation[] {
  const operation = operationAt(resource, verb, resource.namespaced);
  // Reviews and bindings that can only be created are created in a namespace, or in none.
  return verb === 'list' && resource.namespaced ? [operation, operationAt(resource, verb, false)] : [operation];
}

function operationAt(resource: Resource, verb: keyof typeof verbForms, inNamespace: boolean): Operation {
  const { item, ...form } = verbForms[verb];
  const { group, version, kind, plural, namespaced } = resource;
  const collection = `${rootOf(resource)}${inNamespace ? '/namespaces/{namespace}' : ''}/${plural}`;
  const everywhere = namespaced && !inNamespace;
  const scope = `${inNamespace ? 'Namespaced' : ''}${kind}${everywhere ? 'ForAllNamespaces' : ''}`;
  return {
    ...form,
    path: item ? `${collection}/{name}` : collection,
    id: `${idVerbs[verb]}${idPrefix(resource)}${verb === 'deletecollection' ? 'Collection' : ''}${scope}`,
    description: `${phrases[verb]} ${kind}${everywhere ? ', of all namespaces' : ''}`,
    tag: tagOf(resource),
    kind: { group, version, kind },
    pathParameters: pathParameters(kind, { item, inNamespace }),
    ...bodiesOf(resource, verb),
    codes: codes[verb] ?? [200],
  };
}

function pathParameters(
  kind: string,
  { item, inNamespace }: { readonly item: boolean; readonly inNamespace: boolean },
): PathParameter[] {
  return [
    ...(item ? [{ name: 'name', description: `name of the ${kind}` }] : []),
    ...(inNamespace ? [{ name: 'namespace', description: 'the namespace' }] : []),
  ];
}

const idVerbs: Readonly<Record<Verb, string>> = {
  get: 'read',
  list: 'list',
  watch: 'watch',
  create: 'create',
  update: 'replace',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

const phrases: Readonly<Record<Verb, string>> = {
  get: 'read one',
  list: 'list or watch objects of kind',
  watch: 'watch',
  create: 'create one',
  update: 'replace one',
  patch: 'change parts of one',
  delete: 'delete one',
  deletecollection: 'delete selected objects of kind',
};

const codes: Readonly<Partial<Record<string, readonly number[]>>> = {
  create: [200, 201, 202],
  update: [200, 201],
  patch: [200, 201],
  delete: [200, 202],
};

function bodiesOf(resource: Resource, verb: Verb): Pick<Operation, 'body' | 'answer'> {
  const object = { object: resource };
  switch (verb) {
    case 'list':
      return { body: undefined, answer: { list: resource } };
    case 'create':
    case 'update':
      return { body: object, answer: object };
    case 'patch':
      return { body: 'patch', answer: object };
    case 'delete':
    case 'deletecollection':
      return { body: { meta: 'DeleteOptions' }, answer: { meta: 'Status' } };
    default:
      return { body: undefined, answer: object };
  }
}

/** Subresources that connect to something else. */
const connections: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

function subresourceOperations(parent: Resource, subresource: string): Operation[] {
  if (connections.has(subresource)) return connectOperations(parent, subresource);
  const { verbs, ...kind } = subresourceKind(parent, subresource);
  const spoken = [parent, ...subresourceResources].find(
    (resource) => resource.kind === kind.kind && resource.group === kind.group,
  );
  return verbs.flatMap((verb) => {
    const known = Object.keys(verbForms).find((name): name is keyof typeof verbForms => name === verb);
    if (!known) return [];
    const isText = subresource === 'log' || !spoken;
    const object = isText ? ('text' as const) : { object: spoken };
    const { item: _item, ...form } = verbForms[known];
    return [
      {
        ...form,
        ...(subresource === 'log' ? { queryParameters: parameters.log } : {}),
        ...subresourcePlace(parent, subresource),
        id: `${idVerbs[known]}${idPrefix(parent)}${namespacedKind(parent)}${title(subresource)}`,
        description: `${phrases[known]} ${kind.kind}: ${subresource} of a ${parent.kind}`,
        kind,
        body: verb === 'get' || isText ? undefined : verb === 'patch' ? ('patch' as const) : object,
        answer: object,
        codes: codes[known] ?? [200],
      },
    ];
  });
}

const connectMethods = ['get', 'post', 'put', 'delete', 'options', 'head', 'patch'] as const;

function connectOperations(parent: Resource, subresource: string): Operation[] {
  const { verbs: _verbs, ...kind } = subresourceKind(parent, subresource);
  const methods = subresource === 'proxy' ? connectMethods : (['get', 'post'] as const);
  const place = subresourcePlace(parent, subresource);
  return methods.flatMap((method) => {
    const operation: Operation = {
      ...place,
      method,
      action: 'connect',
      queryParameters: parameters.connections[subresource] ?? [],
      id: `connect${idPrefix(parent)}${title(method)}${namespacedKind(parent)}${title(subresource)}`,
      description: `connect ${method.toUpperCase()} requests to ${subresource} of a ${parent.kind}`,
      kind,
      body: undefined,
      answer: 'text',
      codes: [200],
    };
    if (subresource !== 'proxy') return [operation];
    const within = { name: 'path', description: 'path within the target' };
    return [
      operation,
      {
        ...operation,
        id: `${operation.id}WithPath`,
        path: `${operation.path}/{path}`,
        pathParameters: [...operation.pathParameters, within],
      },
    ];
  });
}

function subresourcePlace(parent: Resource, subresource: string): Pick<Operation, 'path' | 'tag' | 'pathParameters'> {
  const base = `${rootOf(parent)}${parent.namespaced ? '/namespaces/{namespace}' : ''}/${parent.plural}/{name}`;
  return {
    path: `${base}/${subresource}`,
    tag: tagOf(parent),
    pathParameters: pathParameters(parent.kind, { item: true, inNamespace: parent.namespaced }),
  };
}

function namespacedKind({ namespaced, kind }: Resource): string {
  return `${namespaced ? 'Namespaced' : ''}${kind}`;
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function rootOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The group in operation ids: `Core`, `RbacAuthorization`. */
export function idGroup(group: string): string {
  const name = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.');
  return name.map(title).join('');
}

function idPrefix({ group, version }: Resource): string {
  return `${idGroup(group)}${title(version)}`;
}

function title(word: string): string {
  return `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;
}

/** The group in tags: `rbacAuthorization`. */
export function tagGroup(group: string): string {
  const name = idGroup(group);
  return `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`;
}

function tagOf({ group, version }: Resource): string {
  return `${tagGroup(group)}_${version}`;
}
