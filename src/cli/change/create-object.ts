import { messageOf } from '../../base/errors.ts';
import { CommandError, ConnectionError } from '../command/command-error.ts';
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

/** How failures begin; the kinds that are not here show the server's answer as it is. */
const failures: Partial<Readonly<Record<KnownKind, string>>> = {
  ConfigMap: 'failed to create configmap:',
  CronJob: 'failed to create cronjob:',
  Deployment: 'failed to create deployment:',
  Job: 'failed to create job:',
  PodDisruptionBudget: 'failed to create poddisruptionbudgets:',
  ResourceQuota: 'failed to create quota:',
  Secret: 'failed to create secret',
  Service: 'failed to create service:',
  ServiceAccount: 'failed to create serviceaccount:',
  RoleBinding: 'failed to create rolebinding:',
  ClusterRoleBinding: 'failed to create clusterrolebinding:',
};

type CreateInvocation = Pick<Invocation<typeof createFlags & Flags>, 'flags' | 'session' | 'io'>;

/** Sends an object that was made from flags, or only prints it (`--dry-run`). */
export async function createObject(
  invocation: CreateInvocation,
  kind: KnownKind,
  draft: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { flags, session, io } = invocation;
  const dryRun = dryRunOf(flags['dry-run']);
  const print = await createChangePrinter(io, flags, { dryRun, sorted: false });
  const resource = knownResources[kind];
  const { name: namespace, explicit } = session.namespace;
  const { labels, ...meta } = draft['metadata'] as Record<string, unknown>;
  const object = asKubeObject({
    kind,
    apiVersion: apiVersionOf(kind),
    ...draft,
    metadata: {
      ...meta,
      ...(resource.namespaced && explicit ? { namespace } : {}),
      ...(labels === undefined ? {} : { labels }),
    },
  });
  const sent = flags['save-config'] ? withLastApplied(object, { typed: true }) : object;
  print(dryRun === 'client' ? sent : await send(sent), 'created');

  async function send(body: KubeObject): Promise<KubeObject> {
    const path = apiPath(resource, { namespace });
    const query = writeQuery({ dryRun, fieldManager: flags['field-manager'], validate: flags.validate });
    try {
      return asKubeObject(await session.connection.json({ method: 'POST', path, query, body }));
    } catch (error) {
      const failure = failures[kind];
      if (failure === undefined || error instanceof ConnectionError) throw error;
      throw new CommandError(`${failure} ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The one NAME argument of a command; throws with upstream's count of what was given. */
export function requireName(args: readonly string[], command: string): string {
  const [name] = args;
  if (name === undefined || args.length !== 1) {
    throw new CommandError(
      `exactly one NAME is required, got ${args.length}\nSee '${command} -h' for help and examples`,
    );
  }
  return name;
}
