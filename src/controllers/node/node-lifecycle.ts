import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache, Controller, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { readyCondition } from '../pod-state.ts';
import { Heartbeats } from './heartbeats.ts';
import { desiredTaints, evictionRate, needsEviction, readiness, silentConditions } from './node-health-plan.ts';
import { podsByNode } from './pods-by-node.ts';

/** Options of `nodeLifecycle`; milliseconds. */
export interface NodeLifecycleOptions {
  /** How long a kubelet may be silent. Default 40 s. */
  readonly gracePeriod?: number | undefined;
  /** The same for a node that has never reported. Default 60 s. */
  readonly startupGracePeriod?: number | undefined;
}

const leaseNamespace = 'kube-node-lease';
const zoneLabel = 'topology.kubernetes.io/zone';

/**
 * Watches over nodes: a kubelet that renews neither lease nor status has its conditions set to Unknown, conditions
 * become taints, and the pods of a node that is not ready lose their readiness. Eviction is the business of the
 * taint eviction controller.
 */
export function nodeLifecycle(options: NodeLifecycleOptions = {}): Controller {
  const heartbeats = new Heartbeats({
    gracePeriod: options.gracePeriod ?? 40_000,
    startupGracePeriod: options.startupGracePeriod ?? 60_000,
  });
  const evictions = new EvictionPace();
  return defineController({
    name: 'node-controller',
    for: Node,
    rbac: {
      nodes: ['delete', 'get', 'list', 'patch', 'update', 'watch'],
      'nodes/status': ['patch', 'update'],
      pods: ['delete', 'get', 'list', 'watch'],
      'pods/status': ['patch', 'update'],
      'leases.coordination.k8s.io': ['get', 'list', 'watch'],
      events: ['create', 'patch', 'update'],
    },
    watches: [watched(Lease, ({ metadata: { namespace, name } }) => (namespace === leaseNamespace ? [{ name }] : []))],
    indexes: [podsByNode],
    // One worker: the pace of evictions is counted over all nodes.
    workers: 1,
    async reconcile(key, context) {
      const { cache, clock } = context;
      const known = cache.get(Node, key);
      if (!known) {
        heartbeats.forget(key.name);
        return done;
      }
      const lease = cache.get(Lease, { namespace: leaseNamespace, name: key.name });
      const silentIn = heartbeats.untilSilent(known, lease, clock.now());
      const node = silentIn <= 0 ? await markSilent(known, context) : known;
      if (readiness(node) !== 'True') await markPodsNotReady(node, context);
      const paused = await writeTaints(node, evictions, context);
      const waits = [silentIn > 0 ? silentIn : undefined, paused].filter((wait) => wait !== undefined);
      return waits.length > 0 ? again(Math.min(...waits)) : done;
    },
  });
}

async function markSilent(node: Node, { client, clock, events, signal }: ControllerContext): Promise<Node> {
  const conditions = silentConditions(node, clock.now());
  if (!conditions) return node;
  const wasReady = readiness(node) === 'True';
  const status = { ...node.status, conditions };
  const marked = await client.update(Node, { ...node, status }, { subresource: 'status', signal });
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  if (wasReady) events.record(node, { type: 'Normal', reason: 'NodeNotReady', message });
  return marked;
}

/** Services must not send to pods of which nobody knows how they are. */
async function markPodsNotReady(
  node: Node,
  { cache, client, clock, events, signal }: ControllerContext,
): Promise<void> {
  for (const pod of cache.byIndex(Pod, podsByNode.name, node.metadata.name)) {
    const ready = readyCondition(pod);
    if (ready?.status !== 'True') continue;
    const condition = { ...ready, status: 'False', lastTransitionTime: timestamp(clock.now()) };
    const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
    events.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
    try {
      await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** Returns milliseconds until the node's turn to be emptied may come; undefined when it need not wait. */
async function writeTaints(
  node: Node,
  evictions: EvictionPace,
  { cache, client, clock, signal }: ControllerContext,
): Promise<number | undefined> {
  const waiting = needsEviction(node);
  const rate = waiting ? evictionRate(nodesOfZone(node, cache)) : 0;
  const evict = waiting && !isEverythingDown(cache) && evictions.take(zoneOf(node), rate, clock.monotonic());
  const taints = desiredTaints(node, { evict, now: clock.now() });
  if (taints !== node.spec.taints && (taints.length > 0 || (node.spec.taints ?? []).length > 0)) {
    // The version makes the server refuse when somebody else changed the taints.
    const { uid, resourceVersion } = node.metadata;
    const body = {
      metadata: { uid, resourceVersion },
      spec: { taints: taints.length > 0 ? taints.map((t) => ({ ...t })) : null },
    };
    await client.patch(Node, keyOf(node), { type: 'merge', body }, { signal });
  }
  return waiting && !evict ? 5000 : undefined;
}

/** When no node answers, the fault is more likely here than in all of them. */
function isEverythingDown(cache: Cache): boolean {
  return cache.list(Node).every((node) => readiness(node) !== 'True');
}

function nodesOfZone(node: Node, cache: Cache): readonly Node[] {
  return cache.list(Node).filter((other) => zoneOf(other) === zoneOf(node));
}

function zoneOf({ metadata }: Node): string {
  return metadata.labels?.[zoneLabel] ?? '';
}

/** Lets one node per zone be emptied at a time, with pauses of 1/rate seconds. */
class EvictionPace {
  readonly #last = new Map<string, number>();

  take(zone: string, rate: number, now: number): boolean {
    const last = this.#last.get(zone) ?? -Infinity;
    if (rate === 0 || now - last < 1000 / rate) return false;
    this.#last.set(zone, now);
    return true;
  }
}
