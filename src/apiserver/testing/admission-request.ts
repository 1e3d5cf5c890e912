/** Requests as admission plug-ins see them, for their tests. */
import { decodeObject } from '../../machinery/decode.ts';
import type { ApiObject, DraftObject, Resource } from '../../machinery/resource.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest, User } from '../ports.ts';

/** What a request is beside its object; the rest is usual. */
export interface RequestTraits extends Partial<Pick<AdmissionRequest, 'operation' | 'old' | 'dryRun'>> {
  readonly user?: User;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
  /** The kind of the object, where it is not the resource's. */
  readonly kind?: Resource;
}

const ann: User = { name: 'ann', groups: [] };

/** A request about an object, which is decoded with its defaults; by `ann` in namespace `ns` unless told otherwise. */
export function requestFor<T extends ApiObject, D extends DraftObject>(
  resource: Resource<T, D>,
  object: object | undefined,
  traits: RequestTraits = {},
): AdmissionRequest {
  const { group, version, plural } = resource;
  const { user = ann, operation = 'CREATE', old, subresource = '', name = '', namespace = 'ns', kind } = traits;
  const decoded = object && decodeObject(kind ?? resource, structuredClone(object)).object;
  const attributes = resourceAttributes(user, {
    verb: 'x',
    group,
    version,
    resource: plural,
    subresource,
    name,
    namespace: resource.namespaced ? namespace : '',
  });
  const { dryRun = false } = traits;
  return {
    attributes,
    operation,
    resource,
    ...(kind ? { objectKind: kind } : {}),
    object: decoded,
    old,
    dryRun,
  };
}

/** Asks one plug-in, as the chain does; the object as it leaves it. */
export async function runPlugin(
  plugin: AdmissionPlugin,
  request: AdmissionRequest,
  context: AdmissionContext,
): Promise<Record<string, unknown>> {
  await plugin.admit?.(request, context);
  await plugin.validate?.(request, context);
  return request.object ?? {};
}
