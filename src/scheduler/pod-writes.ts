import { Binding } from '../api/core/binding.ts';
import { Pod } from '../api/core/pod.ts';
import type { PodCondition } from '../api/core/pod.ts';
import { timestamp } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { hasReason } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import { keyOf, keyString } from '../machinery/resource.ts';
import type { PreemptionPlan } from './preemption.ts';

/** What the scheduler writes with. */
export interface WriteContext {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Binds a pod to a node and says so. Rejects when the server refuses. */
export async function bindPod(
  pod: Pod,
  nodeName: string,
  { client, events, log, signal }: WriteContext,
): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const object = { metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: nodeName } };
  await client.createSubresource(Pod, keyOf(pod), { subresource: 'binding', kind: Binding, object }, { signal });
  const key = keyString(keyOf(pod));
  log.v(2).info('Successfully bound pod to node', { pod: key, node: nodeName });
  events.record(pod, { type: 'Normal', reason: 'Scheduled', message: `Successfully assigned ${key} to ${nodeName}` });
}

/** Tells a pod why it is not scheduled, and where room is being made for it, if it is. Never rejects. */
export async function reportUnschedulable(
  pod: Pod,
  failure: { readonly message: string; readonly nominatedNodeName: string | undefined },
  context: WriteContext,
): Promise<void> {
  const { message, nominatedNodeName } = failure;
  context.events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
  const condition = unschedulable(pod, message, context.clock.now());
  const nominated = nominatedNodeName !== undefined && pod.status.nominatedNodeName !== nominatedNodeName;
  if (!condition && !nominated) return;
  await patchStatus(
    pod,
    {
      ...(condition ? { conditions: [{ ...condition }] } : {}),
      ...(nominated ? { nominatedNodeName } : {}),
    },
    context,
  );
}

/** Undefined when the pod says so already. */
function unschedulable(pod: Pod, message: string, now: number): PodCondition | undefined {
  const known = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (known?.status === 'False' && known.reason === 'Unschedulable' && known.message === message) return undefined;
  const lastTransitionTime = known?.status === 'False' ? known.lastTransitionTime : undefined;
  return {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: lastTransitionTime ?? timestamp(now),
  };
}

/** Deletes the victims of a preemption, each with the condition and the event that say why. Never rejects. */
export async function evictVictims(pod: Pod, { node, victims }: PreemptionPlan, context: WriteContext): Promise<void> {
  const { client, events, clock, log, signal } = context;
  await Promise.all(
    victims.map(async ({ pod: victim }) => {
      if (victim.metadata.deletionTimestamp !== undefined) return;
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: `${pod.spec.schedulerName}: preempting to accommodate a higher priority pod`,
        lastTransitionTime: timestamp(clock.now()),
      };
      await patchStatus(victim, { conditions: [condition] }, context);
      try {
        await client.delete(Pod, keyOf(victim), { preconditions: { uid: victim.metadata.uid }, signal });
        const message = `Preempted by pod ${pod.metadata.uid} on node ${node.name}`;
        events.record(victim, { type: 'Normal', reason: 'Preempted', message });
      } catch (error) {
        if (signal.aborted || hasReason(error, 'NotFound', 'Conflict')) return;
        log.error('Preemption failed', { pod: keyString(keyOf(victim)), err: error });
      }
    }),
  );
}

async function patchStatus(
  pod: Pod,
  status: { readonly conditions?: readonly PodCondition[]; readonly nominatedNodeName?: string },
  { client, log, signal }: WriteContext,
): Promise<void> {
  const { conditions, nominatedNodeName } = status;
  const body = {
    metadata: { uid: pod.metadata.uid },
    status: {
      ...(conditions ? { conditions: conditions.map((condition) => ({ ...condition })) } : {}),
      ...(nominatedNodeName === undefined ? {} : { nominatedNodeName }),
    },
  };
  try {
    await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
  } catch (error) {
    if (signal.aborted || hasReason(error, 'NotFound', 'Conflict')) return;
    log.error('The status of a pod could not be written', { pod: keyString(keyOf(pod)), err: error });
  }
}
