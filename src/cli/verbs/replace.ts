import { hasReason } from '../../base/errors.ts';
import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { deleteObject, deletionLine, waitUntilGone } from '../change/delete-object.ts';
import { dryRunOf, writeQuery } from '../change/dry-run.ts';
import { lastAppliedOf, withLastApplied } from '../change/last-applied.ts';
import { manifestFailure } from '../resource/manifest-files.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { dryRunFlags, fieldManagerFlag, fileFlags, printFlags, saveConfigFlag, validateFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('to use to replace the resource.'),
  ...printFlags,
  ...dryRunFlags,
  ...saveConfigFlag,
  ...validateFlag,
  ...fieldManagerFlag('kubectl-replace'),
  cascade: textFlag('Must be "background", "orphan", or "foreground".', { initial: 'background', bare: 'background' }),
  force: boolFlag(
    'If true, immediately remove resources from API and bypass graceful deletion, then create them again.',
  ),
  'grace-period': intFlag('Period of time in seconds given to the resource to terminate gracefully.', { initial: -1 }),
  subresource: textFlag('If specified, replace will operate on the subresource of the requested object.'),
  timeout: durationFlag('The length of time to wait before giving up on a delete'),
} as const;

/** `kubectl replace` */
export const replace = defineVerb({
  usage: 'replace -f FILENAME',
  long: `Replace a resource by file name or stdin.

 JSON and YAML formats are accepted. If replacing an existing resource, the complete resource spec must be provided. This can be obtained by

  $ kubectl get TYPE NAME -o yaml`,
  examples: `# Replace a pod using the data in pod.json
kubectl replace -f ./pod.json

# Replace a pod based on the JSON passed into stdin
cat pod.json | kubectl replace -f -

# Force replace, delete and then re-create the resource
kubectl replace --force -f ./pod.json`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io, command } = invocation;
    if (given.filename.length === 0) throw new CommandError('must specify one of -f and -k');
    if (args.length > 0)
      throw new CommandError(`Unexpected args: [${args.join(' ')}]\nSee '${command} -h' for help and examples`);
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun });
    const targets = await resolveTargets(session, io, { filenames: given.filename, recursive: given.recursive });
    if (targets.length === 0) throw new CommandError('no objects passed to replace');
    const errors: unknown[] = [];
    for (const target of targets) {
      if (!target.manifest) continue;
      try {
        print(
          dryRun === 'client' ? target.manifest.object : await replaceOne(invocation, target, target.manifest.object),
          'replaced',
        );
      } catch (error) {
        errors.push(manifestFailure('replacing', target.manifest, error));
      }
    }
    throwCollected(errors);
  },
});

async function replaceOne(
  { flags: given, session, io }: Invocation<typeof flags>,
  target: Target,
  object: KubeObject,
): Promise<KubeObject> {
  const { resource, namespace, name } = target;
  const query = writeQuery({
    dryRun: dryRunOf(given['dry-run']),
    fieldManager: given['field-manager'],
    validate: given.validate,
  });
  const own = resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  const body = given['save-config'] || lastAppliedOf(object) !== undefined ? withLastApplied(own) : own;
  if (!given.force) {
    const path = apiPath(resource, { namespace, name, subresource: given.subresource });
    return asKubeObject(await session.connection.json({ method: 'PUT', path, query, body }));
  }
  try {
    const gracePeriod = given['grace-period'] < 0 ? 0 : given['grace-period'];
    const uid = await deleteObject(session, target, { propagation: 'Background', gracePeriod, signal: io.signal });
    io.stdout.write(deletionLine(target, 'deleted'));
    await waitUntilGone(session, target, { uid, signal: io.signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
  return asKubeObject(
    await session.connection.json({ method: 'POST', path: apiPath(resource, { namespace }), query, body }),
  );
}
