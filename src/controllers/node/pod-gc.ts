import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Controller, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { isPodFinished } from '../pod-state.ts';
import { podsByNode } from './pods-by-node.ts';

/** How long a node must be missing before its pods are taken for lost. Source: podgc quarantineTime. */
const quarantine = 40_000;
const outOfServiceTaint = 'node.kubernetes.io/out-of-service';

/** Removes pods that no kubelet will ever end: those of nodes that are gone, and terminating ones without a node. */
export function podGarbageCollector(): Controller {
  /** When each node was first seen to be missing. */
  const missing = new Map<string, number>();
  return defineController({
    name: 'pod-garbage-collector',
    for: Pod,
    rbac: {
      pods: ['delete', 'list', 'watch'],
      'pods/status': ['patch'],
      nodes: ['get', 'list', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: [
      watched(Node, ({ metadata }, { cache }) => {
        if (cache.get(Node, { name: metadata.name })) missing.delete(metadata.name);
        return cache.byIndex(Pod, podsByNode.name, metadata.name).map(keyOf);
      }),
    ],
    indexes: [podsByNode],
    async reconcile(key, context) {
      const { cache, clock } = context;
      const pod = cache.get(Pod, key);
      if (!pod) return done;
      const { nodeName } = pod.spec;
      const terminating = pod.metadata.deletionTimestamp !== undefined;
      if (!nodeName) {
        if (terminating) await remove(pod, undefined, context);
        return done;
      }
      const node = cache.get(Node, { name: nodeName });
      if (node) {
        const outOfService = node.spec.taints?.some((taint) => taint.key === outOfServiceTaint) === true;
        const ready = node.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
        if (terminating && outOfService && !ready) await remove(pod, undefined, context);
        return done;
      }
      const first = missing.get(nodeName) ?? clock.now();
      missing.set(nodeName, first);
      const wait = first + quarantine - clock.now();
      if (wait > 0) return again(wait);
      if (!(await exists(nodeName, context))) await remove(pod, nodeGone, context);
      return done;
    },
  });
}

const nodeGone = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };

async function exists(node: string, { client, signal }: ControllerContext): Promise<boolean> {
  try {
    await client.get(Node, { name: node }, { signal });
    return true;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return false;
    throw error;
  }
}

async function remove(
  pod: Pod,
  because: { readonly reason: string; readonly message: string } | undefined,
  { client, clock, signal }: ControllerContext,
): Promise<void> {
  const { uid } = pod.metadata;
  try {
    if (!isPodFinished(pod)) {
      const time = timestamp(clock.now());
      const condition = { type: 'DisruptionTarget', status: 'True', ...because, lastTransitionTime: time };
      const body = { metadata: { uid }, status: { phase: 'Failed', ...(because ? { conditions: [condition] } : {}) } };
      await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    }
    await client.delete(Pod, keyOf(pod), { preconditions: { uid }, gracePeriodSeconds: 0, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
