/** The `scale` subresource: any scalable kind seen as a Scale. */
import { Scale } from '../../api/autoscaling/scale.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { StoredObject } from '../cache/stored-object.ts';
import { invalidError, methodNotSupported } from './api-errors.ts';
import { applied, checkedConfiguration } from './apply-object.ts';
import type { ApplyBody } from './apply-object.ts';
import { decodeBody } from './decode-body.ts';
import type { Draft, HandlerContext, RequestBody, WriteRequest } from './handler-context.ts';
import { metadataOf } from './object-metadata.ts';
import { applyPatch } from './patch-object.ts';
import type { PatchBody } from './patch-object.ts';
import { copyOf } from './subresource-rules.ts';
import { updateObject } from './update-object.ts';
import type { NextVersion } from './update-object.ts';

/** The Scale of an object. Throws MethodNotAllowed for kinds that can't be scaled. */
export function scaleOf(resource: Resource, object: ApiObject): Scale {
  const { scale } = resource;
  if (!scale) throw methodNotSupported();
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = scale.selector(object);
  return {
    kind: 'Scale',
    apiVersion: Scale.apiVersion,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: scale.replicas(object) },
    status: { replicas: scale.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
  };
}

/** Sets the replicas that a Scale in the body says. */
export async function replaceScale(context: HandlerContext, request: WriteRequest, body: RequestBody): Promise<Scale> {
  const scale = decodeBody(Scale, body, request);
  const updated = await updateObject(context, request, (current) => scaled(request, current, scale));
  return scaleOf(request.resource, updated.object);
}

/** Patches the Scale of an object. */
export async function patchScale(context: HandlerContext, request: WriteRequest, patch: PatchBody): Promise<Scale> {
  const updated = await updateObject(context, request, (current) => {
    const before = scaleOf(request.resource, current.object);
    const value = applyPatch(before as unknown as JsonObject, patch, Scale.schema);
    const scale = decodeBody(Scale, { value: () => value, duplicates: [] }, request);
    const next = scaled(request, current, scale);
    return { ...next, versioned: metadataOf(next.draft).resourceVersion !== String(current.revision) };
  });
  return scaleOf(request.resource, updated.object);
}

/** Applies a Scale: the applier then owns the replicas of the object. */
export async function applyScale(context: HandlerContext, request: WriteRequest, apply: ApplyBody): Promise<Scale> {
  const { apiVersion, kind, scale: rules } = request.resource;
  if (!rules) throw methodNotSupported();
  const { metadata, spec } = checkedConfiguration(Scale, apply.configuration);
  const replicas = isJsonObject(spec) ? spec['replicas'] : undefined;
  refuseNegative(request, replicas);
  const configuration: Record<string, Json | undefined> = {
    apiVersion,
    kind,
    ...(metadata === undefined ? {} : { metadata }),
  };
  if (typeof replicas === 'number') setReplicas(request.resource, configuration, replicas);
  const sent = { ...apply, configuration };
  const updated = await updateObject(context, request, (current) => applied(context, request, { current, sent }));
  return scaleOf(request.resource, updated.object);
}

function refuseNegative({ attributes }: WriteRequest, replicas: unknown): void {
  if (typeof replicas !== 'number' || replicas >= 0) return;
  const detail = 'must be greater than or equal to 0';
  throw invalidError(Scale, attributes.name, [invalid('spec.replicas', replicas, detail)]);
}

function scaled(request: WriteRequest, current: StoredObject, scale: Draft): NextVersion {
  const spec = isJsonObject(scale['spec']) ? scale['spec'] : {};
  const replicas = typeof spec['replicas'] === 'number' ? spec['replicas'] : 0;
  refuseNegative(request, replicas);
  if (!request.resource.scale) throw methodNotSupported();
  const draft = copyOf(current);
  setReplicas(request.resource, draft, replicas);
  const metadata = metadataOf(draft);
  const seen = metadataOf(scale).resourceVersion;
  if (seen) metadata.resourceVersion = seen;
  return { draft, versioned: Boolean(seen) };
}

function setReplicas({ scale }: Resource, object: Record<string, unknown>, replicas: number): void {
  if (scale?.setReplicas) scale.setReplicas(object as never, replicas);
  else object['spec'] = { ...(isJsonObject(object['spec']) ? object['spec'] : {}), replicas };
}
