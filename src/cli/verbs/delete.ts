import { hasReason } from '../../base/errors.ts';
import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import type { Propagation } from '../../client/client.ts';
import { deleteObject, deletionLine, waitUntilGone } from '../change/delete-object.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { manifestFailure } from '../resource/manifest-files.ts';
import { fetchTarget, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { kindPrefixOf } from '../get/get-tables.ts';
import { allNamespacesFlag, dryRunFlags, fileFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('containing the resource to delete.'),
  ...selectorFlag,
  ...allNamespacesFlag,
  ...dryRunFlags,
  all: boolFlag('Delete all resources, in the namespace of the specified resource types.'),
  cascade: textFlag(
    'Must be "background", "orphan", or "foreground". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.',
    { initial: 'background', bare: 'background' },
  ),
  'field-selector': textFlag(
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
  ),
  force: boolFlag(
    'If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation.',
  ),
  'grace-period': intFlag(
    'Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).',
    { initial: -1 },
  ),
  'ignore-not-found': boolFlag(
    'Treat "resource not found" as a successful delete. Defaults to "true" when --all is specified.',
  ),
  interactive: boolFlag('If true, delete resource only when user confirms.', { short: 'i' }),
  now: boolFlag('If true, resources are signaled for immediate shutdown (same as --grace-period=1).'),
  output: textFlag('Output mode. Use "-o name" for shorter output (resource/name).', { short: 'o' }),
  timeout: durationFlag(
    'The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object',
  ),
  wait: boolFlag('If true, wait for resources to be gone before returning. This waits for finalizers.', {
    initial: true,
  }),
} as const;

/** `kubectl delete` */
export const deleteVerb = defineVerb({
  usage: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])',
  long: `Delete resources by file names, stdin, resources and names, or by resources and label selector.

 JSON and YAML formats are accepted. Only one type of argument may be specified: file names, resources and names, or resources and label selector.

 Some resources, such as pods, support graceful deletion. These resources define a default period before they are forcibly terminated (the grace period) but you may override that value with the --grace-period flag, or pass --now to set a grace-period of 1.`,
  examples: `# Delete a pod using the type and name specified in pod.json
kubectl delete -f ./pod.json

# Delete pods and services with same names "baz" and "foo"
kubectl delete pod,service baz foo

# Delete pods and services with label name=myLabel
kubectl delete pods,services -l name=myLabel

# Delete a pod with minimal delay
kubectl delete pod foo --now

# Force delete a pod on a dead node
kubectl delete pod foo --force

# Delete all pods
kubectl delete pods --all`,
  flags,
  async run(invocation) {
    const { flags: given, session, io, args } = invocation;
    const options = deletionOf(given);
    const targets = await resolveTargets(session, io, {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      fieldSelector: given['field-selector'],
      allNamespaces: given['all-namespaces'],
      all: given.all,
    });
    if (given.all && args.length > 1) throw new CommandError('name cannot be provided when a selector is specified');
    if (session.namespace.explicit && targets.some((target) => !target.resource.namespaced)) {
      io.stderr.write('Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n');
    }
    if (given.force && options.gracePeriod === 0) {
      io.stderr.write(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
      );
    }
    await deleteTargets(invocation, targets, options);
  },
});

interface Deletion {
  readonly propagation: Propagation;
  readonly gracePeriod: number | undefined;
}

function deletionOf(given: Invocation<typeof flags>['flags']): Deletion {
  if (given.all && given.selector) throw new CommandError("setting 'all' parameter but found a non empty selector. ");
  if (given.output !== '' && given.output !== 'name') {
    throw new CommandError(`unexpected -o output mode: ${given.output}. We only support '-o name'`);
  }
  if (given.now && given['grace-period'] >= 0)
    throw new CommandError('--now and --grace-period cannot be specified together');
  const period = given.now ? 1 : given['grace-period'];
  if (given.force && period > 0)
    throw new CommandError('--force and --grace-period greater than 0 cannot be specified together');
  // A grace period of 0 without --force becomes 1, so that a kubelet still has a say.
  const gracePeriod = period === 0 && !given.force ? 1 : given.force && period < 0 ? 0 : period;
  return { propagation: propagationOf(given.cascade), gracePeriod: gracePeriod < 0 ? undefined : gracePeriod };
}

function propagationOf(cascade: string): Propagation {
  switch (cascade) {
    case 'background':
    case 'true':
      return 'Background';
    case 'foreground':
      return 'Foreground';
    case 'orphan':
    case 'false':
      return 'Orphan';
    default:
      throw new CommandError(`invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  }
}

interface Deleted {
  readonly target: Target;
  readonly uid: string | undefined;
}

async function deleteTargets(
  invocation: Invocation<typeof flags>,
  targets: readonly Target[],
  options: Deletion,
): Promise<void> {
  const { flags: given, session, io } = invocation;
  const dryRun = dryRunOf(given['dry-run']);
  const lenient = given['ignore-not-found'] || given.all || given.selector !== '';
  const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRun];
  const operation = given.force && options.gracePeriod === 0 ? 'force deleted' : 'deleted';
  const errors: unknown[] = [];
  const deleted: Deleted[] = [];
  let seen = 0;
  for (const target of targets) {
    try {
      const objects = await objectsAt(invocation, target);
      seen += objects.length;
      for (const one of objects) {
        if (given.interactive && !(await confirmed(invocation, one))) continue;
        const uid =
          dryRun === 'client'
            ? undefined
            : await deleteObject(session, one, { ...options, dryRun: dryRun === 'server', signal: io.signal });
        io.stdout.write(
          given.output === 'name'
            ? `${kindPrefixOf(one.resource)}/${one.name}\n`
            : deletionLine(one, operation, suffix),
        );
        deleted.push({ target: one, uid });
      }
    } catch (error) {
      if (lenient && hasReason(error, 'NotFound')) continue;
      errors.push(target.manifest ? manifestFailure('deleting', target.manifest, error) : error);
    }
  }
  if (seen === 0 && errors.length === 0) io.stdout.write('No resources found\n');
  if (given.wait && dryRun === 'none') await waitForAll(invocation, deleted);
  throwCollected(errors);
}

async function objectsAt(
  { flags: given, session }: Invocation<typeof flags>,
  target: Target,
): Promise<readonly Target[]> {
  if (target.name !== undefined) return [target];
  const query = { labelSelector: given.selector, fieldSelector: given['field-selector'] };
  return (await fetchTarget(session, target, query)).map((found) => found.target);
}

async function confirmed({ io }: Pick<Invocation, 'io'>, { resource, name }: Target): Promise<boolean> {
  io.stdout.write(
    `You are about to delete the following 1 resource(s):\n${kindPrefixOf(resource)}/${name}\nDo you want to continue? (y/n): `,
  );
  for await (const chunk of io.stdin) {
    const answer = String(chunk).trim().toLowerCase();
    if (answer === 'y') return true;
    if (answer !== '') break;
  }
  io.stdout.write('deletion is cancelled\n');
  return false;
}

async function waitForAll(
  { flags: given, session, io }: Invocation<typeof flags>,
  deleted: readonly Deleted[],
): Promise<void> {
  const deadline = given.timeout > 0 ? AbortSignal.timeout(Math.ceil(given.timeout)) : undefined;
  const signals = [deadline, io.signal].filter((signal) => signal !== undefined);
  for (const { target, uid } of deleted) {
    try {
      await waitUntilGone(session, target, { uid, signal: AbortSignal.any(signals) });
    } catch (error) {
      if (deadline?.aborted)
        throw new CommandError(`timed out waiting for the condition on ${target.resource.plural}/${target.name}`, {
          cause: error,
        });
      if (!hasReason(error, 'Forbidden', 'MethodNotAllowed')) throw error;
    }
  }
}
