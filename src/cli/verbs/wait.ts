import { hasReason } from '../../base/errors.ts';
import { boolFlag, durationFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { fetchTarget, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { deadlineSignal, followObject } from '../wait/follow-object.ts';
import { parseWaitCondition } from '../wait/wait-condition.ts';
import type { WaitCondition } from '../wait/wait-condition.ts';
import { allNamespacesFlag, fileFlags, printFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource.'),
  ...selectorFlag,
  ...allNamespacesFlag,
  ...printFlags,
  all: boolFlag('Select all resources in the namespace of the specified resource types'),
  'field-selector': textFlag(
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
  ),
  for: textFlag(
    "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true. Condition values are compared after Unicode simple case folding, which is a more general form of case-insensitivity.",
  ),
  local: boolFlag('If true, annotation will NOT contact api-server but run locally.'),
  timeout: durationFlag(
    "The length of time to wait before giving up.  Zero means check once and don't wait, negative means wait for a week.",
    { initial: 30_000, shown: '30s' },
  ),
} as const;

/** `kubectl wait` */
export const wait = defineVerb({
  usage:
    "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  long: `Wait for a specific condition on one or many resources.

 The command takes multiple resources and waits until the specified condition is seen in the Status field of every given resource.

 Alternatively, the command can wait for the given set of resources to be created or deleted by providing the "create" or "delete" keyword as the value to the --for flag.`,
  examples: `# Wait for the pod "busybox1" to contain the status condition of type "Ready"
kubectl wait --for=condition=Ready pod/busybox1

# The default value of status condition is true; you can wait for other targets after an equal delimiter
kubectl wait --for=condition=Ready=false pod/busybox1

# Wait for the pod "busybox1" to contain the status phase to be "Running"
kubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1

# Wait for the pod "busybox1" to be deleted, with a timeout of 60s, after having issued the "delete" command
kubectl delete pod/busybox1
kubectl wait --for=delete pod/busybox1 --timeout=60s`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io } = invocation;
    const condition = parseWaitCondition(given.for);
    const print = await createChangePrinter(io, given, { dryRun: 'none' });
    const targets = await resolveTargets(session, io, {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      fieldSelector: given['field-selector'],
      allNamespaces: given['all-namespaces'],
      all: given.all,
    });
    const objects = await objectsAt(invocation, targets, condition);
    if (objects.length === 0 && condition.kind !== 'delete') throw new CommandError('no matching resources found');
    const limit = given.timeout < 0 ? 7 * 24 * 3_600_000 : given.timeout;
    const deadline = io.clock.monotonic() + limit;
    const errors: unknown[] = [];
    for (const target of objects) {
      try {
        const left = given.timeout === 0 ? 0 : Math.max(deadline - io.clock.monotonic(), 1);
        const object = await waitFor(invocation, target, { condition, limit: left });
        if (object) print(object, 'condition met');
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
});

async function objectsAt(
  { flags: given, session }: Invocation<typeof flags>,
  targets: readonly Target[],
  condition: WaitCondition,
): Promise<readonly Target[]> {
  const objects: Target[] = [];
  for (const target of targets) {
    // What is to be created or deleted need not be there.
    if (target.name !== undefined && (condition.kind === 'delete' || condition.kind === 'create')) objects.push(target);
    else {
      const query = { labelSelector: given.selector, fieldSelector: given['field-selector'] };
      objects.push(...(await fetchTarget(session, target, query)).map((found) => found.target));
    }
  }
  return objects;
}

/** Resolves to the object as it was last seen; undefined when it was gone from the start, as wanted. */
async function waitFor(
  { session, io }: Invocation<typeof flags>,
  target: Target,
  { condition, limit }: { readonly condition: WaitCondition; readonly limit: number },
): Promise<KubeObject | undefined> {
  const { signal, expired } = deadlineSignal(limit, io.signal);
  const named = `${target.resource.plural}/${target.name}`;
  let last: KubeObject | undefined;
  let first: string | undefined;
  try {
    for await (const state of followObject(session, target, signal)) {
      if (state.kind === 'gone') {
        if (condition.kind === 'delete') return last;
        continue;
      }
      last = state.object;
      first ??= last.metadata.uid;
      // Another object of the same name: the one that was waited for is gone.
      if (condition.kind === 'delete' && last.metadata.uid !== first) return last;
      if (condition.holds(last)) return last;
      if (limit === 0) throw new CommandError(`condition not met for ${named}`);
    }
  } catch (error) {
    if (!expired() || hasReason(error, 'Forbidden')) throw error;
  }
  throw new CommandError(`timed out waiting for the condition on ${named}`);
}
