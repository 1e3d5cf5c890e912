import type { Pod } from '../../api/core/pod.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { deleteObject, waitUntilGone } from '../change/delete-object.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { cordonNodes } from '../nodes/cordon-nodes.ts';
import { planDrain } from '../nodes/drain-plan.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import { knownResources, podResource } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { deadlineSignal } from '../wait/follow-object.ts';
import { dryRunFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...dryRunFlags,
  ...selectorFlag,
  'delete-emptydir-data': boolFlag(
    'Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).',
  ),
  'disable-eviction': boolFlag(
    'Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.',
  ),
  force: boolFlag('Continue even if there are pods that do not declare a controller.'),
  'grace-period': intFlag(
    'Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.',
    { initial: -1 },
  ),
  'ignore-daemonsets': boolFlag('Ignore DaemonSet-managed pods.'),
  'pod-selector': textFlag('Label selector to filter pods on the node'),
  'skip-wait-for-delete-timeout': intFlag(
    'If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds must be greater than 0 to skip.',
  ),
  timeout: durationFlag('The length of time to wait before giving up, zero means infinite'),
} as const;

/** How long to wait before an eviction that a budget forbids is tried again. */
const retryAfter = 5000;

/** `kubectl drain` */
export const drain = defineVerb({
  usage: 'drain NODE',
  long: `Drain node in preparation for maintenance.

 The given node will be marked unschedulable to prevent new pods from arriving. 'drain' evicts the pods if the API server supports disruptions. Otherwise, it will use normal DELETE to delete the pods. The 'drain' evicts or deletes all pods except mirror pods (which cannot be deleted through the API server).`,
  examples: `# Drain node "foo", even if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set on it
kubectl drain foo --force

# As above, but abort if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set, and use a grace period of 15 minutes
kubectl drain foo --grace-period=900`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io, command } = invocation;
    const options = { names: args, selector: given.selector, dryRun: given['dry-run'], schedulable: false, command };
    const nodes = await cordonNodes(session, io, options);
    const errors: unknown[] = [];
    const pending: string[] = [];
    for (const { target } of nodes) {
      try {
        await drainNode(invocation, target.name);
        const suffix = { none: '', client: ' (dry run)', server: ' (server dry run)' }[dryRunOf(given['dry-run'])];
        io.stdout.write(`node/${target.name} drained${suffix}\n`);
      } catch (error) {
        io.stderr.write(
          `error: unable to drain node "${target.name}" due to error: ${messageOf(error)}, continuing command...\n`,
        );
        errors.push(error);
        pending.push(target.name);
      }
    }
    if (pending.length > 0)
      io.stderr.write(`There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join('')}`);
    throwCollected(errors);
  },
});

async function drainNode(invocation: Invocation<typeof flags>, node: string): Promise<void> {
  const { flags: given, session, io } = invocation;
  const read = createClusterReader(session.connection);
  const found = await read.list(knownResources.Pod, {
    labelSelector: given['pod-selector'],
    fieldSelector: `spec.nodeName=${node}`,
  });
  const plan = planDrain(
    (found ?? []).map((pod) => asKind<Pod>(pod)),
    {
      force: given.force,
      ignoreDaemonSets: given['ignore-daemonsets'],
      deleteEmptyDirData: given['delete-emptydir-data'],
    },
  );
  if (plan.errors.length > 0)
    throw new CommandError(plan.errors.length === 1 ? (plan.errors[0] ?? '') : `[${plan.errors.join(', ')}]`, {
      plain: true,
    });
  if (plan.warnings.length > 0) io.stderr.write(`Warning: ${plan.warnings.join('; ')}\n`);
  const dryRun = dryRunOf(given['dry-run']);
  for (const { metadata } of plan.evict) {
    const verb = given['disable-eviction'] ? 'deleting' : 'evicting';
    io.stdout.write(
      `${verb} pod ${metadata.namespace}/${metadata.name}${dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)'}\n`,
    );
  }
  if (dryRun === 'client') return;
  const { signal, expired } = deadlineSignal(given.timeout, io.signal);
  try {
    await Promise.all(plan.evict.map((pod) => removePod(invocation, pod, signal)));
  } catch (error) {
    if (expired())
      throw new CommandError(
        'error when waiting for pods to terminate: global timeout reached: ' + given.timeout / 1000 + 's',
        { cause: error },
      );
    throw error;
  }
}

async function removePod(
  invocation: Invocation<typeof flags>,
  pod: Pod,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { flags: given, session, io } = invocation;
  const { namespace = '', name, uid } = pod.metadata;
  const target = { resource: podResource, namespace, name };
  const gracePeriod = given['grace-period'] < 0 ? undefined : given['grace-period'];
  try {
    if (given['disable-eviction'])
      await deleteObject(session, target, { propagation: 'Background', gracePeriod, signal });
    else await evict(invocation, pod, signal);
  } catch (error) {
    if (hasReason(error, 'NotFound')) return;
    throw new CommandError(
      `error when ${given['disable-eviction'] ? 'deleting' : 'evicting'} pods/"${name}" -n "${namespace}": ${messageOf(error)}`,
      { cause: error },
    );
  }
  if (dryRunOf(given['dry-run']) !== 'none') return;
  await waitUntilGone(session, target, { uid, signal });
  io.stdout.write(`pod/${name} ${given['disable-eviction'] ? 'deleted' : 'evicted'}\n`);
}

/** Evicts a pod; while a disruption budget forbids it, it is tried again. */
async function evict(
  { flags: given, session, io }: Invocation<typeof flags>,
  { metadata }: Pod,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { namespace = '', name } = metadata;
  const gracePeriod = given['grace-period'];
  const dryRun = dryRunOf(given['dry-run']) === 'server' ? { dryRun: ['All'] } : {};
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { ...(gracePeriod < 0 ? {} : { gracePeriodSeconds: gracePeriod }), ...dryRun },
  };
  for (;;) {
    try {
      await session.connection.json({
        method: 'POST',
        path: apiPath(knownResources.Pod, { namespace, name, subresource: 'eviction' }),
        body,
        signal,
      });
      return;
    } catch (error) {
      if (!hasReason(error, 'TooManyRequests')) throw error;
      io.stderr.write(
        `error when evicting pods/"${name}" -n "${namespace}" (will retry after ${retryAfter / 1000}s): ${messageOf(error)}\n`,
      );
      await io.clock.sleep(retryAfter, signal);
    }
  }
}
