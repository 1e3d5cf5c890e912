import { hasReason } from '../../base/errors.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { withContext } from '../command/error-text.ts';
import type { Session } from '../session.ts';
import type { ApiResource } from './discovery.ts';
import { asKubeObject, objectsOf } from './kube-object.ts';
import type { KubeObject } from './kube-object.ts';
import { readManifests, requireTypeOf } from './manifest-files.ts';
import type { ManifestObject } from './manifest-files.ts';
import { parseResourceArguments } from './resource-arguments.ts';
import { apiPath } from './resource-path.ts';

/** What a command line selects. */
export interface TargetQuery {
  readonly args?: readonly string[];
  readonly filenames?: readonly string[];
  readonly recursive?: boolean;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces?: boolean;
  /** Types without names select everything: `--all`, or verbs such as get that do so anyway. */
  readonly all?: boolean;
}

/** A collection (`name` undefined) or an object. */
export interface Target {
  readonly resource: ApiResource;
  /** '' for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  readonly name: string | undefined;
  readonly manifest?: ManifestObject;
}

/** An object on the server and where it was found. */
export interface FoundObject {
  readonly target: Target & { readonly name: string };
  readonly object: KubeObject;
}

/** The sentence for a command that was given nothing to work on. */
export const missingResources =
  "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/** Finds out what a command line selects, without asking for the objects. */
export async function resolveTargets(session: Session, io: CliIo, query: TargetQuery): Promise<readonly Target[]> {
  if (query.filenames?.length) return manifestTargets(session, io, query);
  if (!query.args?.length) throw new CommandError(missingResources);
  const selected = (query.labelSelector ?? '') !== '' || (query.fieldSelector ?? '') !== '';
  const parsed = parseResourceArguments(query.args, await session.mapper());
  const namespace = query.allNamespaces ? '' : session.namespace.name;
  return parsed.flatMap(({ resource, names }): readonly Target[] => {
    const place = resource.namespaced ? namespace : '';
    if (names === undefined) {
      if (!selected && !query.all) throw new CommandError('resource(s) were provided, but no name was specified');
      return [{ resource, namespace: place, name: undefined }];
    }
    if (selected) throw new CommandError('name cannot be provided when a selector is specified');
    if (query.allNamespaces && resource.namespaced) {
      throw new CommandError('a resource cannot be retrieved by name across all namespaces');
    }
    return names.map((name) => ({ resource, namespace: place, name }));
  });
}

async function manifestTargets(session: Session, io: CliIo, query: TargetQuery): Promise<readonly Target[]> {
  if (query.args?.length) {
    throw new CommandError(
      'when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well',
    );
  }
  const manifests = await readManifests(query.filenames ?? [], { recursive: query.recursive ?? false, io });
  const mapper = await session.mapper();
  return manifests.map((manifest) => {
    requireTypeOf(manifest);
    const { object } = manifest;
    const resource = mapper.kind(object.apiVersion, object.kind);
    if (!resource) throw noMatch(manifest);
    return { resource, namespace: namespaceFor(object, resource, session), name: object.metadata.name, manifest };
  });
}

function noMatch({ object, source }: ManifestObject): CommandError {
  const { name = '', namespace = '' } = object.metadata;
  return new CommandError(
    `resource mapping not found for name: ${JSON.stringify(name)} namespace: ${JSON.stringify(namespace)} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}\nensure CRDs are installed first`,
  );
}

/** The namespace that an object of a manifest goes to; a different one than `--namespace` names is refused. */
export function namespaceFor(object: KubeObject, resource: ApiResource, session: Session): string {
  if (!resource.namespaced) return '';
  const { name, explicit } = session.namespace;
  const own = object.metadata.namespace;
  if (!own) return name;
  if (explicit && own !== name) {
    throw new CommandError(
      `the namespace from the provided object "${own}" does not match the namespace "${name}". You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return own;
}

/** Options of `fetchObjects`. */
export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Objects that are gone are passed over. */
  readonly ignoreNotFound?: boolean;
}

/** Reads what a command line selects from the server. Failures are thrown at the end, together. */
export async function fetchObjects(
  session: Session,
  io: CliIo,
  query: TargetQuery & FetchOptions,
): Promise<{ readonly found: readonly FoundObject[]; readonly errors: readonly unknown[] }> {
  const found: FoundObject[] = [];
  const errors: unknown[] = [];
  for (const target of await resolveTargets(session, io, query)) {
    try {
      found.push(...(await fetchTarget(session, target, query)));
    } catch (error) {
      if (!(query.ignoreNotFound && hasReason(error, 'NotFound'))) errors.push(error);
    }
  }
  return { found, errors };
}

/** As `fetchObjects`, but nothing at all may fail. */
export async function requireObjects(session: Session, io: CliIo, query: TargetQuery): Promise<readonly FoundObject[]> {
  const { found, errors } = await fetchObjects(session, io, query);
  throwCollected(errors);
  return found;
}

/** Reads one object, or the objects of a collection in pages. */
export async function fetchTarget(
  session: Session,
  target: Target,
  query: TargetQuery = {},
): Promise<readonly FoundObject[]> {
  const { resource, namespace, name } = target;
  if (name !== undefined) {
    const object = asKubeObject(await session.connection.json({ path: apiPath(resource, { namespace, name }) }));
    return [{ target: { ...target, name }, object }];
  }
  const found: FoundObject[] = [];
  for await (const page of listPages(session, target, query)) {
    for (const object of objectsOf(page)) {
      const place = object.metadata.namespace ?? '';
      found.push({ target: { resource, namespace: place, name: object.metadata.name ?? '' }, object });
    }
  }
  return found;
}

/** Reads a collection page by page, 500 objects at a time. */
export async function* listPages(
  session: Session,
  target: Target,
  options: {
    readonly labelSelector?: string | undefined;
    readonly fieldSelector?: string | undefined;
    readonly accept?: string | undefined;
    readonly limit?: number | undefined;
    readonly extra?: Readonly<Record<string, string>> | undefined;
  },
): AsyncGenerator<unknown> {
  let next = '';
  do {
    const request = {
      path: apiPath(target.resource, { namespace: target.namespace }),
      accept: options.accept,
      query: {
        labelSelector: options.labelSelector || undefined,
        fieldSelector: options.fieldSelector || undefined,
        limit: (options.limit ?? 500) || undefined,
        continue: next || undefined,
        ...options.extra,
      },
    };
    const answer: unknown = await session.connection.json(request).catch((error: unknown) => {
      throw listFailure(error, target.resource, options);
    });
    yield answer;
    next = (answer as { metadata?: { continue?: string } }).metadata?.continue ?? '';
  } while (next !== '');
}

/** A list that the server took for malformed is told with what was asked for. Source: cli-runtime's EnhanceListError. */
function listFailure(
  error: unknown,
  { group, version, plural }: ApiResource,
  {
    labelSelector = '',
    fieldSelector = '',
  }: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
): unknown {
  if (!hasReason(error, 'BadRequest')) return error;
  const asked = `Unable to find "${group}/${version}, Resource=${plural}" that match label selector ${JSON.stringify(labelSelector)}, field selector ${JSON.stringify(fieldSelector)}`;
  return withContext(asked, error);
}
