import type { Event } from '../../api/core/event.ts';
import { hasReason } from '../../base/errors.ts';
import { boolFlag, intFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { DescribeWriter } from '../describe/describe-writer.ts';
import { describerOf } from '../describe/describers.ts';
import { writeEvents } from '../describe/event-lines.ts';
import { nothingFound } from '../get/get-tables.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import type { ClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import { fetchTarget, resolveTargets } from '../resource/targets.ts';
import type { FoundObject, Target } from '../resource/targets.ts';
import { allNamespacesFlag, fileFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('containing the resource to describe'),
  ...selectorFlag,
  ...allNamespacesFlag,
  'chunk-size': intFlag('Return large lists in chunks rather than all at once. Pass 0 to disable.', { initial: 500 }),
  'show-events': boolFlag('If true, display events related to the described object.', { initial: true }),
} as const;

/** `kubectl describe` */
export const describe = defineVerb({
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  long: `Show details of a specific resource or group of resources.

 Print a detailed description of the selected resources, including related resources such as events or controllers. You may select a single object by name, all objects of that type, provide a name prefix, or label selector. For example:

  $ kubectl describe TYPE NAME_PREFIX

 will first check for an exact match on TYPE and NAME_PREFIX. If no such resource exists, it will output details for every resource that has a name prefixed with NAME_PREFIX.`,
  examples: `# Describe a node
kubectl describe nodes kubernetes-node-emt8.c.myproject.internal

# Describe a pod
kubectl describe pods/nginx

# Describe all pods
kubectl describe pods

# Describe pods by label name=myLabel
kubectl describe pods -l name=myLabel`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io } = invocation;
    if (args.length === 0 && given.filename.length === 0) {
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    }
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      allNamespaces: given['all-namespaces'],
      all: true,
    };
    const targets = await resolveTargets(session, io, query);
    const errors: unknown[] = [];
    let first = true;
    for (const target of targets) {
      try {
        const { found, byPrefix } = await objectsAt(invocation, target);
        for (const one of found) {
          const text = await describeOne(invocation, one);
          io.stdout.write(byPrefix ? `${text}\n` : `${first ? '' : '\n\n'}${text}`);
          first = false;
        }
      } catch (error) {
        errors.push(error);
      }
    }
    if (first && errors.length === 0) io.stderr.write(nothingFound({ session, query }, targets));
    throwCollected(errors);
  },
});

/** The objects of a target; a name that does not exist is taken for a prefix. */
async function objectsAt(
  { flags: given, session, args }: Invocation<typeof flags>,
  target: Target,
): Promise<{ readonly found: readonly FoundObject[]; readonly byPrefix: boolean }> {
  try {
    return { found: await fetchTarget(session, target, { labelSelector: given.selector }), byPrefix: false };
  } catch (error) {
    const { name } = target;
    if (name === undefined || args.length !== 2 || !hasReason(error, 'NotFound')) throw error;
    const all = await fetchTarget(session, { ...target, name: undefined });
    const matching = all.filter((found) => found.target.name.startsWith(name));
    if (matching.length === 0) throw error;
    return { found: matching, byPrefix: true };
  }
}

async function describeOne(
  { flags: given, session, io }: Invocation<typeof flags>,
  { object }: FoundObject,
): Promise<string> {
  const writer = new DescribeWriter();
  const read = createClusterReader(session.connection);
  const now = io.clock.now();
  const describer = describerOf(object);
  await describer.describe(object, { writer, read, now });
  if (describer.events && given['show-events']) writeEvents(writer, await eventsOf(read, { object }), now);
  return writer.text();
}

/** The events about an object; nodes are known to their kubelet by name instead of UID. */
async function eventsOf(read: ClusterReader, { object }: Pick<FoundObject, 'object'>): Promise<readonly Event[]> {
  const { name, namespace, uid } = object.metadata;
  const uids = object.kind === 'Node' ? [name, uid] : [uid];
  const found: Event[] = [];
  for (const one of uids) {
    const fields = [
      `involvedObject.name=${name}`,
      ...(namespace ? [`involvedObject.namespace=${namespace}`] : []),
      `involvedObject.kind=${object.kind}`,
      `involvedObject.uid=${one}`,
    ];
    const events = await read.list(knownResources.Event, {
      namespace: namespace ?? '',
      fieldSelector: fields.join(','),
    });
    found.push(...(events ?? []).map((event) => asKind<Event>(event)));
  }
  return found;
}
