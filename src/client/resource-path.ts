import type { ObjectKey, Resource } from '../machinery/resource.ts';

/** Which objects or object a path names. */
export interface PathTarget {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of a collection, object or subresource: `/apis/apps/v1/namespaces/a/deployments/b/status`. */
export function resourcePath<T, D>(resource: Resource<T, D>, target: PathTarget = {}): string {
  const { namespace, name, subresource } = target;
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${resource.plural}${object}${subresource === undefined ? '' : `/${subresource}`}`;
}

/** A path with its query; undefined values are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The path target of an object. */
export function targetOf(key: ObjectKey, subresource?: string): PathTarget {
  return { namespace: key.namespace, name: key.name, subresource };
}
