import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { applyObject } from '../apply/apply-object.ts';
import { applyInServer, clientSideManager, serverSideManagerOf } from '../apply/server-side-apply.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { lastAppliedOf } from '../change/last-applied.ts';
import { toGoJson } from '../output/json-output.ts';
import { requireObjects, resolveTargets } from '../resource/targets.ts';
import { parseLabelSelector } from '../../machinery/selector.ts';
import { dryRunFlags, fieldManagerFlag, fileFlags, printFlags, selectorFlag, validateFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('that contains the configuration to apply'),
  ...selectorFlag,
  ...printFlags,
  ...dryRunFlags,
  ...validateFlag,
  ...fieldManagerFlag(clientSideManager),
  all: boolFlag('Select all resources in the namespace of the specified resource types.'),
  cascade: textFlag('Must be "background", "orphan", or "foreground".', { initial: 'background', bare: 'background' }),
  force: boolFlag(
    'If true, immediately remove resources from API and bypass graceful deletion. Also deletes and creates again what can not be patched.',
  ),
  'force-conflicts': boolFlag('If true, server-side apply will force the changes against conflicts.'),
  'grace-period': intFlag('Period of time in seconds given to the resource to terminate gracefully.', { initial: -1 }),
  'openapi-patch': boolFlag(
    'If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec.',
    { initial: true },
  ),
  overwrite: boolFlag(
    'Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration',
    { initial: true },
  ),
  prune: boolFlag('Automatically delete resource objects that do not appear in the configs.'),
  'server-side': boolFlag('If true, apply runs in the server instead of the client.'),
  timeout: durationFlag(
    'The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object',
  ),
  wait: boolFlag('If true, wait for resources to be gone before returning. This waits for finalizers.'),
} as const;

const viewFlags = {
  ...fileFlags('that contains the last-applied-configuration annotations'),
  ...selectorFlag,
  output: textFlag('Output format. Must be one of (yaml, json)', { short: 'o', initial: 'yaml' }),
  all: boolFlag('Select all resources in the namespace of the specified resource types'),
} as const;

const viewLastApplied = defineVerb({
  usage: 'apply view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME)',
  long: 'View the latest last-applied-configuration annotations by type/name or file.',
  examples: `# View the last-applied-configuration annotations by type/name in YAML
kubectl apply view-last-applied deployment/nginx`,
  flags: viewFlags,
  async run({ args, flags: given, session, io }) {
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      all: given.all,
    };
    for (const { object } of await requireObjects(session, io, query)) {
      const text = lastAppliedOf(object);
      if (text === undefined)
        throw new CommandError(`no last-applied-configuration annotation found on resource: ${object.metadata.name}`);
      const value: unknown = JSON.parse(text);
      if (given.output === 'json') io.stdout.write(`${toGoJson(value, { step: '  ', sorted: true })}\n`);
      else io.stdout.write((await import('../output/yaml-output.ts')).toYaml(value));
    }
  },
});

/** `kubectl apply` */
export const apply = defineVerb({
  usage: 'apply (-f FILENAME | -k DIRECTORY)',
  long: `Apply a configuration to a resource by file name or stdin. The resource name must be specified. This resource will be created if it doesn't exist yet. To use 'apply', always create the resource initially with either 'apply' or 'create --save-config'.

 JSON and YAML formats are accepted.`,
  examples: `# Apply the configuration in pod.json to a pod
kubectl apply -f ./pod.json

# Apply the JSON passed into stdin to a pod
cat pod.json | kubectl apply -f -

# Apply the configuration from all files of a directory
kubectl apply -f dir/`,
  flags,
  subcommands: [
    {
      name: 'view-last-applied',
      short: 'View the latest last-applied-configuration annotations of a resource/object',
      load: async () => viewLastApplied,
    },
  ],
  async run(invocation) {
    const { args, flags: given, command } = invocation;
    if (args.length > 0)
      throw new CommandError(`Unexpected args: [${args.join(' ')}]\nSee '${command} -h' for help and examples`);
    refuseContradictions(given);
    refuseMissing(given);
    if (given.filename.length === 0) throw new CommandError('must specify one of -f and -k');
    await applyFiles(invocation);
  },
});

function refuseContradictions(given: Invocation<typeof flags>['flags']): void {
  if (given['force-conflicts'] && !given['server-side'])
    throw new CommandError('--force-conflicts only works with --server-side');
  if (!given['server-side']) return;
  if (dryRunOf(given['dry-run']) === 'client') {
    throw new CommandError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  }
  if (given.force) throw new CommandError('--force cannot be used with --server-side');
}

function refuseMissing(given: { prune: boolean; kustomize: string }): void {
  if (given.prune)
    throw new CommandError('this kubectl does not prune: delete what is no longer wanted by name or by label');
  if (given.kustomize)
    throw new CommandError(
      'this kubectl does not build kustomizations: render them first and pass the result with -f -',
    );
}

async function applyFiles({ flags: given, session, io }: Invocation<typeof flags>): Promise<void> {
  const dryRun = dryRunOf(given['dry-run']);
  const print = await createChangePrinter(io, given, { dryRun });
  const all = await resolveTargets(session, io, { filenames: given.filename, recursive: given.recursive });
  const matches = parseLabelSelector(given.selector);
  const targets = given.selector ? all.filter(({ manifest }) => matches(manifest?.object.metadata.labels)) : all;
  if (targets.length === 0) throw new CommandError('no objects passed to apply');
  const options = {
    dryRun,
    fieldManager: given['server-side'] ? serverSideManagerOf(given['field-manager']) : given['field-manager'],
    validate: given.validate,
    force: given.force,
    forceConflicts: given['force-conflicts'],
    overwrite: given.overwrite,
    warn: (text: string): void => void io.stderr.write(`Warning: ${text}\n`),
  };
  const errors: unknown[] = [];
  for (const { manifest, ...target } of targets) {
    const { name } = target;
    if (!manifest) continue;
    try {
      if (!name) throw generateNameError(manifest.object.metadata.generateName);
      const named = { ...target, name };
      if (given['server-side']) {
        print(await applyInServer(session, named, { object: manifest.object, options }), 'serverside-applied');
        continue;
      }
      const { source } = manifest;
      const { object, operation } = await applyObject(session, named, { object: manifest.object, options, source });
      print(object, operation);
    } catch (error) {
      errors.push(error);
    }
  }
  throwCollected(errors);
}

function generateNameError(prefix: string | undefined): CommandError {
  return new CommandError(
    prefix ? `from ${prefix}: cannot use generate name with apply` : 'resource name may not be empty',
  );
}
