import { hasReason } from '../../base/errors.ts';
import { builtinResources } from '../../api/registry.ts';
import type { StructNode } from '../../machinery/schema.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { withContext } from '../command/error-text.ts';
import { toGoJson } from '../output/json-output.ts';
import type { DryRun } from '../change/dry-run.ts';
import { writeQuery } from '../change/dry-run.ts';
import { lastAppliedAnnotation, lastAppliedOf, withLastApplied } from '../change/last-applied.ts';
import { patchObject } from '../change/patch-object.ts';
import { deleteAndWait } from '../change/delete-object.ts';
import { asKubeObject, splitApiVersion } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { Target } from '../resource/targets.ts';
import type { Session } from '../session.ts';
import { threeWayPatch } from './strategic-diff.ts';

/** Options of one apply. */
export interface ApplyOptions {
  readonly dryRun: DryRun;
  readonly fieldManager: string;
  readonly validate: string;
  /** Delete and create what can't be patched. */
  readonly force: boolean;
  /** Changes win over what others changed meanwhile. */
  readonly overwrite: boolean;
  warn(text: string): void;
}

/** What apply did. */
export interface ApplyResult {
  readonly object: KubeObject;
  readonly operation: 'created' | 'configured' | 'unchanged';
}

const attempts = 5;

/** Makes the object, or patches it by what changed since the last apply. Source: kubectl's client-side apply. */
export async function applyObject(
  session: Session,
  target: Target & { readonly name: string },
  { object, options, source }: { readonly object: KubeObject; readonly options: ApplyOptions; readonly source: string },
): Promise<ApplyResult> {
  const wanted = target.resource.namespaced
    ? { ...object, metadata: { ...object.metadata, namespace: target.namespace } }
    : object;
  const modified = withLastApplied(wanted);
  const current = await currentObject(session, target);
  if (!current)
    return { object: await createObject(session, target, { modified, options, source }), operation: 'created' };
  if (options.dryRun === 'client') return { object: current, operation: 'configured' };
  if (lastAppliedOf(current) === undefined) options.warn(missingAnnotation(target));
  return patchUntilDone(session, target, { modified, current, options, source });
}

function missingAnnotation({ resource, name }: Target): string {
  const type = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
  return `resource ${type}/${name} is missing the ${lastAppliedAnnotation} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`;
}

async function currentObject(session: Session, { resource, namespace, name }: Target): Promise<KubeObject | undefined> {
  try {
    return asKubeObject(await session.connection.json({ path: apiPath(resource, { namespace, name }) }));
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

interface ApplyWork {
  readonly modified: KubeObject;
  readonly options: ApplyOptions;
  /** The file, for messages. */
  readonly source: string;
}

/** Says all there is to know about a patch that the server refused, as upstream does. */
function patchFailure(
  { resource, namespace, name }: Target,
  { patch, source, error }: { readonly patch: unknown; readonly source: string; readonly error: unknown },
): unknown {
  const version = `${resource.group}/${resource.version}`;
  const place = `Resource: "${version}, Resource=${resource.plural}", GroupVersionKind: "${version}, Kind=${resource.kind}"\nName: "${name}", Namespace: "${namespace}"`;
  const inner = withContext(`error when patching "${source}"`, error);
  return withContext(`error when applying patch:\n${toGoJson(patch)}\nto:\n${place}\nfor: "${source}"`, inner);
}

async function createObject(
  session: Session,
  target: Target,
  { modified, options, source }: ApplyWork,
): Promise<KubeObject> {
  if (options.dryRun === 'client') return modified;
  const { resource, namespace } = target;
  const path = apiPath(resource, { namespace });
  try {
    return asKubeObject(
      await session.connection.json({ method: 'POST', path, query: writeQuery(options), body: modified }),
    );
  } catch (error) {
    throw withContext(`error when creating "${source}"`, error);
  }
}

async function patchUntilDone(
  session: Session,
  target: Target & { readonly name: string },
  { modified, current: first, options, source }: ApplyWork & { readonly current: KubeObject },
): Promise<ApplyResult> {
  let current = first;
  for (let attempt = 1; ; attempt += 1) {
    const patch = patchOf(modified, current);
    if (Object.keys(patch.body).length === 0) return { object: current, operation: 'unchanged' };
    if (current.metadata.deletionTimestamp !== undefined) {
      options.warn(`Detected changes to resource ${target.name} which is currently being deleted.`);
    }
    try {
      const { dryRun, fieldManager, validate } = options;
      const object = await patchObject(session, target, { ...patch, dryRun, fieldManager, validate });
      return { object, operation: 'configured' };
    } catch (error) {
      if (hasReason(error, 'Conflict') && attempt < attempts) {
        current = (await currentObject(session, target)) ?? current;
      } else if (options.force && hasReason(error, 'Conflict', 'Invalid')) {
        await deleteAndWait(session, { target, object: current }, { propagation: 'Background' });
        return { object: await createObject(session, target, { modified, options, source }), operation: 'configured' };
      } else throw patchFailure(target, { patch: patch.body, source, error });
    }
  }
}

/** The patch from what was applied last and what is there to what is wanted. */
export function patchOf(
  modified: KubeObject,
  current: KubeObject,
): { readonly type: 'strategic' | 'merge'; readonly body: Readonly<Record<string, unknown>> } {
  const schema = schemaOf(modified);
  const parsed: unknown = JSON.parse(lastAppliedOf(current) ?? '{}');
  const original = isJsonObject(parsed) ? parsed : {};
  return { type: schema ? 'strategic' : 'merge', body: threeWayPatch(original, modified, { current, schema }) };
}

/** The schema of a built-in kind; custom resources have none here and merge as plain JSON. */
export function schemaOf(object: KubeObject): StructNode | undefined {
  const { group, version } = splitApiVersion(object.apiVersion);
  return builtinResources.find((one) => one.group === group && one.version === version && one.kind === object.kind)
    ?.schema;
}
