import { messageOf } from '../../base/errors.ts';
import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { patchObject } from '../change/patch-object.ts';
import { asKubeObject, valueAt } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { fetchObjects } from '../resource/targets.ts';
import type { FoundObject } from '../resource/targets.ts';
import { pollUntil } from '../wait/poll-until.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to set a new size'),
  ...selectorFlag,
  ...printFlags,
  ...dryRunFlags,
  all: boolFlag('Select all resources in the namespace of the specified resource types'),
  'current-replicas': intFlag(
    'Precondition for current size. Requires that the current size of the resource match this value in order to scale. -1 (default) for no condition.',
    { initial: -1 },
  ),
  replicas: intFlag('The new desired number of replicas. Required.'),
  'resource-version': textFlag(
    'Precondition for resource version. Requires that the current resource version match this value in order to scale.',
  ),
  timeout: durationFlag(
    "The length of time to wait before giving up on a scale operation, zero means don't wait. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
  ),
} as const;

/** `kubectl scale` */
export const scale = defineVerb({
  usage: 'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)',
  long: `Set a new size for a deployment, replica set, replication controller, or stateful set.

 Scale also allows users to specify one or more preconditions for the scale action.

 If --current-replicas or --resource-version is specified, it is validated before the scale is attempted, and it is guaranteed that the precondition holds true when the scale is sent to the server.`,
  examples: `# Scale a replica set named 'foo' to 3
kubectl scale --replicas=3 rs/foo

# Scale a resource identified by type and name specified in "foo.yaml" to 3
kubectl scale --replicas=3 -f foo.yaml

# If the deployment named mysql's current size is 2, scale mysql to 3
kubectl scale --current-replicas=2 --replicas=3 deployment/mysql`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io, changed } = invocation;
    if (!changed('replicas')) throw new CommandError('required flag(s) "replicas" not set');
    if (given.replicas < 0) {
      throw new CommandError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
    }
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun });
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      all: given.all,
    };
    const { found, errors } = await fetchObjects(session, io, query);
    if (found.length === 0)
      throw new CommandError(`no objects passed to scale ${errors.map(messageOf).join(', ')}`.trimEnd());
    const failures = [...errors];
    for (const one of found) {
      try {
        if (dryRun !== 'client') await scaleOne(invocation, one);
        print(one.object, 'scaled');
      } catch (error) {
        failures.push(error);
      }
    }
    throwCollected(failures);
  },
});

async function scaleOne(
  { flags: given, session, io }: Invocation<typeof flags>,
  { target }: FoundObject,
): Promise<void> {
  const { resource, namespace, name } = target;
  const expected = given['current-replicas'];
  const version = given['resource-version'];
  let resourceVersion: string | undefined;
  if (expected >= 0 || version) {
    const path = apiPath(resource, { namespace, name, subresource: 'scale' });
    const current = asKubeObject(await session.connection.json({ path }));
    const replicas = Number(valueAt(current, 'spec', 'replicas') ?? 0);
    if (expected >= 0 && replicas !== expected)
      throw new CommandError(`Expected replicas to be ${expected}, was ${replicas}`);
    resourceVersion = current.metadata.resourceVersion;
    if (version && version !== resourceVersion) {
      throw new CommandError(`Expected resource version to be ${version}, was ${resourceVersion}`);
    }
  }
  await patchObject(session, target, {
    type: 'merge',
    body: { ...(resourceVersion ? { metadata: { resourceVersion } } : {}), spec: { replicas: given.replicas } },
    subresource: 'scale',
    dryRun: dryRunOf(given['dry-run']),
  });
  if (given.timeout > 0) {
    await pollUntil(io, { timeout: given.timeout, interval: 500 }, async () => {
      const object: unknown = await session.connection.json({ path: apiPath(resource, { namespace, name }) });
      return valueAt(object, 'status', 'replicas') === given.replicas;
    });
  }
}
