import { CommandError } from '../command/command-error.ts';
import type { Flags } from '../command/flags.ts';
import type { Invocation } from '../command/verb.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiVersionOf, knownResources } from '../resource/known-resources.ts';
import type { KnownKind } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import { dryRunFlags, fieldManagerFlag, printFlags, saveConfigFlag, validateFlag } from '../verbs/shared-flags.ts';
import { createChangePrinter } from './change-output.ts';
import { dryRunOf, writeQuery } from './dry-run.ts';
import { withLastApplied } from './last-applied.ts';

/** The flags of every `create KIND`. */
export const createFlags = {
  ...printFlags,
  ...dryRunFlags,
  ...saveConfigFlag,
  ...validateFlag,
  ...fieldManagerFlag('kubectl-create'),
} as const;

type CreateInvocation = Pick<Invocation<typeof createFlags & Flags>, 'flags' | 'session' | 'io'>;

/** Sends an object that was made from flags, or only prints it (`--dry-run`). */
export async function createObject(invocation: CreateInvocation, kind: KnownKind, draft: Record<string, unknown>): Promise<void> {
  const { flags, session, io } = invocation;
  const dryRun = dryRunOf(flags['dry-run']);
  const print = await createChangePrinter(io, flags, dryRun);
  const resource = knownResources[kind];
  const { name: namespace, explicit } = session.namespace;
  const metadata = { creationTimestamp: null, ...(draft['metadata'] as object) };
  const object = asKubeObject({
    apiVersion: apiVersionOf(kind),
    kind,
    ...draft,
    metadata: resource.namespaced && explicit ? { ...metadata, namespace } : metadata,
  });
  const sent = flags['save-config'] ? withLastApplied(object) : object;
  print(dryRun === 'client' ? sent : await send(sent), 'created');

  async function send(body: KubeObject): Promise<KubeObject> {
    const path = apiPath(resource, { namespace });
    const query = writeQuery({ dryRun, fieldManager: flags['field-manager'], validate: flags.validate });
    return asKubeObject(await session.connection.json({ method: 'POST', path, query, body }));
  }
}

/** The one NAME argument of a command; throws with upstream's count of what was given. */
export function requireName(args: readonly string[], command: string): string {
  const [name] = args;
  if (name === undefined || args.length !== 1) {
    throw new CommandError(`exactly one NAME is required, got ${args.length}\nSee '${command} -h' for help and examples`);
  }
  return name;
}
