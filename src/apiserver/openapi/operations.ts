/** The paths of a kind and what can be done there, in neither OpenAPI version's form yet. */
import { Eviction } from '../../api/policy/eviction.ts';
import { Scale } from '../../api/autoscaling/scale.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import type { Resource, Verb } from '../../machinery/resource.ts';
import { subresourceKind } from '../discovery/subresource-kinds.ts';

/** What a body or an answer is made of. */
export type BodyKind =
  | { readonly object: Resource }
  | { readonly list: Resource }
  | 'status'
  | 'patch'
  | 'deleteOptions'
  | 'text'
  | undefined;

/** One operation. */
export interface Operation {
  readonly path: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** x-kubernetes-action. */
  readonly action: string;
  readonly id: string;
  readonly tag: string;
  /** Of the body, or of the answer where there is none. */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly pathParameters: readonly string[];
  readonly queryParameters: readonly QueryParameter[];
  readonly body: BodyKind;
  readonly answer: BodyKind;
}

/** A query parameter. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
}

const text = (name: string): QueryParameter => ({ name, type: 'string' });
const flag = (name: string): QueryParameter => ({ name, type: 'boolean' });
const number = (name: string): QueryParameter => ({ name, type: 'integer' });

const pretty = text('pretty');
const writeParameters = [pretty, text('dryRun'), text('fieldManager'), text('fieldValidation')];
const deleteParameters = [
  pretty,
  text('dryRun'),
  number('gracePeriodSeconds'),
  flag('ignoreStoreReadErrorWithClusterBreakingPotential'),
  flag('orphanDependents'),
  text('propagationPolicy'),
];
const listParameters = [
  pretty,
  flag('allowWatchBookmarks'),
  text('continue'),
  text('fieldSelector'),
  text('labelSelector'),
  number('limit'),
  text('resourceVersion'),
  text('resourceVersionMatch'),
  flag('sendInitialEvents'),
  number('timeoutSeconds'),
  flag('watch'),
];

const verbForms: Readonly<
  Record<Exclude<Verb, 'watch'>, Pick<Operation, 'method' | 'action' | 'queryParameters'> & { readonly item: boolean }>
> = {
  list: { method: 'get', action: 'list', item: false, queryParameters: listParameters },
  create: { method: 'post', action: 'post', item: false, queryParameters: writeParameters },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    item: false,
    queryParameters: [...listParameters, ...deleteParameters.slice(1)],
  },
  get: { method: 'get', action: 'get', item: true, queryParameters: [pretty] },
  update: { method: 'put', action: 'put', item: true, queryParameters: writeParameters },
  patch: { method: 'patch', action: 'patch', item: true, queryParameters: [...writeParameters, flag('force')] },
  delete: { method: 'delete', action: 'delete', item: true, queryParameters: deleteParameters },
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
  const { item, ...form } = verbForms[verb];
  const operation = operationAt(resource, { ...form, verb, item, allNamespaces: false });
  const everywhere = verb === 'list' && resource.namespaced;
  return everywhere ? [operation, operationAt(resource, { ...form, verb, item, allNamespaces: true })] : [operation];
}

interface VerbOptions extends Pick<Operation, 'method' | 'action' | 'queryParameters'> {
  readonly verb: Verb;
  readonly item: boolean;
  readonly allNamespaces: boolean;
}

function operationAt(resource: Resource, { verb, item, allNamespaces, ...form }: VerbOptions): Operation {
  const { group, version, kind, plural, namespaced } = resource;
  const inNamespace = namespaced && !allNamespaces;
  const collection = `${rootOf(resource)}${inNamespace ? '/namespaces/{namespace}' : ''}/${plural}`;
  const scope = `${inNamespace ? 'Namespaced' : ''}${kind}${allNamespaces ? 'ForAllNamespaces' : ''}`;
  return {
    ...form,
    path: item ? `${collection}/{name}` : collection,
    id: `${idVerbs[verb]}${idPrefix(resource)}${verb === 'deletecollection' ? 'Collection' : ''}${scope}`,
    tag: tagOf(resource),
    kind: { group, version, kind },
    pathParameters: [...(item ? ['name'] : []), ...(inNamespace ? ['namespace'] : [])],
    ...bodiesOf(resource, verb),
  };
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
      return { body: 'deleteOptions', answer: 'status' };
    default:
      return { body: undefined, answer: object };
  }
}

const subresourceMethods: Readonly<Record<string, Pick<Operation, 'method' | 'action' | 'queryParameters'>>> = {
  get: { method: 'get', action: 'get', queryParameters: [pretty] },
  create: { method: 'post', action: 'post', queryParameters: writeParameters },
  update: { method: 'put', action: 'put', queryParameters: writeParameters },
  patch: { method: 'patch', action: 'patch', queryParameters: [...writeParameters, flag('force')] },
  delete: { method: 'delete', action: 'delete', queryParameters: deleteParameters },
};

/** Subresources that connect or answer text. */
const textual: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

function subresourceOperations(parent: Resource, subresource: string): Operation[] {
  const { group, version, kind, verbs } = subresourceKind(parent, subresource);
  const spoken = [parent, ...subresourceResources].find(
    (resource) => resource.kind === kind && resource.group === group,
  );
  const base = `${rootOf(parent)}${parent.namespaced ? '/namespaces/{namespace}' : ''}/${parent.plural}/{name}`;
  const title = `${subresource[0]?.toUpperCase() ?? ''}${subresource.slice(1)}`;
  return verbs.flatMap((verb) => {
    const form = subresourceMethods[verb];
    if (!form) return [];
    const isText = textual.has(subresource) || !spoken;
    const object = isText ? 'text' : { object: spoken };
    return [
      {
        ...form,
        action: isText && subresource !== 'log' ? 'connect' : form.action,
        path: `${base}/${subresource}`,
        id: `${idVerbs[verb as Verb]}${idPrefix(parent)}${parent.namespaced ? 'Namespaced' : ''}${parent.kind}${title}`,
        tag: tagOf(parent),
        kind: { group, version, kind },
        pathParameters: ['name', ...(parent.namespaced ? ['namespace'] : [])],
        body: verb === 'get' || isText ? undefined : verb === 'patch' ? 'patch' : object,
        answer: object,
      },
    ];
  });
}

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function rootOf({ group, version }: Pick<Resource, 'group' | 'version'>): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function idPrefix({ group, version }: Resource): string {
  const name = (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split('.');
  const words = [...name, version].map((word) => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`);
  return words.join('');
}

function tagOf({ group, version }: Resource): string {
  return `${group === '' ? 'core' : group.replace(/\.k8s\.io$/, '').replaceAll('.', '')}_${version}`;
}
