import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Node } from '../../api/core/node.ts';
import type { Taint } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { podsByNode } from './pods-by-node.ts';
import { toleratedFor } from './tolerations.ts';

/** Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer. */
export const taintEviction = defineController({
  name: 'taint-eviction-controller',
  for: Pod,
  rbac: {
    nodes: ['get', 'list', 'watch'],
    pods: ['delete', 'get', 'list', 'watch'],
    'pods/status': ['patch', 'update'],
    events: ['create', 'patch', 'update'],
  },
  watches: [watched(Node, ({ metadata }, { cache }) => cache.byIndex(Pod, podsByNode.name, metadata.name).map(keyOf))],
  indexes: [podsByNode],
  async reconcile(key, context) {
    const pod = context.cache.get(Pod, key);
    if (!pod?.spec.nodeName || pod.metadata.deletionTimestamp !== undefined) return done;
    const node = context.cache.get(Node, { name: pod.spec.nodeName });
    const taints = (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
    if (taints.length === 0) return done;
    const stay = toleratedFor(taints, pod.spec.tolerations ?? []);
    if (stay === undefined) return done;
    const wait = stay === 0 ? 0 : since(pod, taints) + stay - context.clock.now();
    if (wait > 0) return again(wait);
    await evict(pod, context);
    return done;
  },
});

/** When the pod began to live with these taints; counted from the objects, so that a restart does not start anew. */
function since(pod: Pod, taints: readonly Taint[]): number {
  const times = [pod.metadata.creationTimestamp, ...taints.map(({ timeAdded }) => timeAdded)];
  return Math.max(...times.map((time) => Date.parse(time ?? '')).filter((time) => !Number.isNaN(time)));
}

async function evict(pod: Pod, { client, clock, events, signal }: ControllerContext): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  events.record(pod, {
    type: 'Normal',
    reason: 'TaintManagerEviction',
    message: `Marking for deletion Pod ${namespace}/${name}`,
  });
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: timestamp(clock.now()),
  };
  try {
    const body = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    await client.delete(Pod, keyOf(pod), { preconditions: { uid }, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
