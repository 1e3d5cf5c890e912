import { parseLabelSelector } from '../../machinery/selector.ts';
import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation, VerbEntry } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf, writeQuery } from '../change/dry-run.ts';
import { withLastApplied } from '../change/last-applied.ts';
import { createFlags } from '../change/create-object.ts';
import { manifestFailure } from '../resource/manifest-files.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { resolveTargets } from '../resource/targets.ts';
import { fileFlags, selectorFlag } from './shared-flags.ts';

/** What can be made without a manifest; one line each. */
const kinds: readonly VerbEntry[] = [
  {
    name: 'clusterrole',
    short: 'Create a cluster role',
    load: async () => (await import('./create/role.ts')).createClusterRole,
  },
  {
    name: 'clusterrolebinding',
    short: 'Create a cluster role binding for a particular cluster role',
    load: async () => (await import('./create/role-binding.ts')).createClusterRoleBinding,
  },
  {
    name: 'configmap',
    aliases: ['cm'],
    short: 'Create a config map from a local file, directory or literal value',
    load: async () => (await import('./create/configmap.ts')).createConfigMap,
  },
  {
    name: 'cronjob',
    aliases: ['cj'],
    short: 'Create a cron job with the specified name',
    load: async () => (await import('./create/cronjob.ts')).createCronJob,
  },
  {
    name: 'deployment',
    aliases: ['deploy'],
    short: 'Create a deployment with the specified name',
    load: async () => (await import('./create/deployment.ts')).createDeployment,
  },
  {
    name: 'job',
    short: 'Create a job with the specified name',
    load: async () => (await import('./create/job.ts')).createJob,
  },
  {
    name: 'namespace',
    aliases: ['ns'],
    short: 'Create a namespace with the specified name',
    load: async () => (await import('./create/namespace.ts')).createNamespace,
  },
  {
    name: 'poddisruptionbudget',
    aliases: ['pdb'],
    short: 'Create a pod disruption budget with the specified name',
    load: async () => (await import('./create/disruption-budget.ts')).createDisruptionBudget,
  },
  {
    name: 'quota',
    aliases: ['resourcequota'],
    short: 'Create a quota with the specified name',
    load: async () => (await import('./create/quota.ts')).createQuota,
  },
  {
    name: 'role',
    short: 'Create a role with single rule',
    load: async () => (await import('./create/role.ts')).createRole,
  },
  {
    name: 'rolebinding',
    short: 'Create a role binding for a particular role or cluster role',
    load: async () => (await import('./create/role-binding.ts')).createRoleBinding,
  },
  {
    name: 'secret',
    short: 'Create a secret using a specified subcommand',
    load: async () => (await import('./create/secret.ts')).createSecret,
  },
  {
    name: 'service',
    aliases: ['svc'],
    short: 'Create a service using a specified subcommand',
    load: async () => (await import('./create/service.ts')).createService,
  },
  {
    name: 'serviceaccount',
    aliases: ['sa'],
    short: 'Create a service account with the specified name',
    load: async () => (await import('./create/serviceaccount.ts')).createServiceAccount,
  },
  {
    name: 'token',
    short: 'Request a service account token',
    load: async () => (await import('./create/token.ts')).createToken,
  },
];

const flags = {
  ...fileFlags('to use to create the resource'),
  ...selectorFlag,
  ...createFlags,
  edit: boolFlag('Edit the API resource before creating'),
  raw: textFlag('Raw URI to POST to the server.  Uses the transport specified by the kubeconfig file.'),
  'windows-line-endings': boolFlag(
    'Only relevant if --edit=true. Defaults to the line ending native to your platform.',
  ),
} as const;

/** `kubectl create` */
export const create = defineVerb({
  usage: 'create -f FILENAME',
  long: `Create a resource from a file or from stdin.

 JSON and YAML formats are accepted.`,
  examples: `# Create a pod using the data in pod.json
kubectl create -f ./pod.json

# Create a pod based on the JSON passed into stdin
cat pod.json | kubectl create -f -`,
  flags,
  subcommands: kinds,
  async run(invocation) {
    const { args, flags, command } = invocation;
    if (flags.filename.length === 0) {
      const help = `\nSee '${command} -h' for help and examples`;
      if (args.length > 0) throw new CommandError(`Unexpected args: [${args.join(' ')}]${help}`);
      throw new CommandError('must specify one of -f and -k');
    }
    if (args.length > 0) {
      throw new CommandError(`Unexpected args: [${args.join(' ')}]\nSee '${command} -h' for help and examples`);
    }
    await createFromFiles(invocation);
  },
});

async function createFromFiles({ flags: given, session, io }: Invocation<typeof flags>): Promise<void> {
  const dryRun = dryRunOf(given['dry-run']);
  const print = await createChangePrinter(io, given, { dryRun });
  const all = await resolveTargets(session, io, { filenames: given.filename, recursive: given.recursive });
  const matches = parseLabelSelector(given.selector);
  const targets = given.selector ? all.filter(({ manifest }) => matches(manifest?.object.metadata.labels)) : all;
  if (targets.length === 0) throw new CommandError('no objects passed to create');
  const query = writeQuery({ dryRun, fieldManager: given['field-manager'], validate: given.validate });
  const errors: unknown[] = [];
  for (const { resource, namespace, manifest } of targets) {
    if (!manifest) continue;
    const own = resource.namespaced
      ? { ...manifest.object, metadata: { ...manifest.object.metadata, namespace } }
      : manifest.object;
    const body = given['save-config'] ? withLastApplied(own) : own;
    try {
      const path = apiPath(resource, { namespace });
      const made =
        dryRun === 'client' ? body : asKubeObject(await session.connection.json({ method: 'POST', path, query, body }));
      print(made, 'created');
    } catch (error) {
      errors.push(manifestFailure('creating', manifest, error));
    }
  }
  throwCollected(errors);
}
