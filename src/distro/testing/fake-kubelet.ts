import { microTimestamp, timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Binding } from '../../api/core/binding.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { again, defineController, done } from '../../client/controller.ts';
import type { Controller, ControllerContext, Outcome } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { DraftObjectOf } from '../../machinery/resource.ts';

/** How the pretended kubelets behave; milliseconds. */
export interface FakeKubeletOptions {
  /** From the binding to Running and Ready. Default 0. */
  readonly readyAfter?: number | undefined;
  /** From the deletion to the end. Default 0. */
  readonly stopAfter?: number | undefined;
  /** Pods without a node are taken by this one, so that tests need no scheduler. Default: they wait. */
  readonly takeUnassigned?: string | undefined;
  /** Whether a pod becomes ready. Default: all do. */
  ready?(pod: Pod): boolean;
  /** Nodes whose kubelet is silent; may be changed while the test runs. */
  readonly silent?: ReadonlySet<string> | undefined;
}

/** Controllers that stand in for the kubelets of all nodes: pods run and become ready, terminating ones end. */
export function fakeKubelet(options: FakeKubeletOptions = {}): readonly Controller[] {
  return [podKubelet(options), nodeKubelet(options)];
}

function podKubelet(options: FakeKubeletOptions): Controller {
  let addresses = 0;
  return defineController({
    name: 'fake-kubelet',
    for: Pod,
    rbac: {},
    async reconcile(key, context) {
      const pod = context.cache.get(Pod, key);
      if (!pod) return done;
      const nodeName = pod.spec.nodeName ?? options.takeUnassigned;
      if (nodeName === undefined || options.silent?.has(nodeName)) return done;
      if (pod.metadata.deletionTimestamp !== undefined) return stop(pod, options, context);
      if (pod.status.phase === 'Running' && isAsWanted(pod, options)) return done;
      const wait = Date.parse(pod.metadata.creationTimestamp) + (options.readyAfter ?? 0) - context.clock.now();
      if (wait > 0) return again(wait);
      if (!pod.spec.nodeName) await assign(pod, nodeName, context);
      const podIP = pod.status.podIP ?? `10.42.${Math.floor(addresses / 250)}.${(addresses++ % 250) + 2}`;
      await run(pod, { podIP, ready: options.ready?.(pod) ?? true }, context);
      return done;
    },
  });
}

function isAsWanted(pod: Pod, options: FakeKubeletOptions): boolean {
  const ready = pod.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return ready === (options.ready?.(pod) ?? true);
}

async function assign(pod: Pod, nodeName: string, { client, signal }: ControllerContext): Promise<void> {
  const object = { metadata: keyOf(pod), target: { kind: 'Node', name: nodeName } };
  await client.createSubresource(Pod, keyOf(pod), { subresource: 'binding', kind: Binding, object }, { signal });
}

async function run(
  pod: Pod,
  state: { readonly podIP: string; readonly ready: boolean },
  { client, clock, signal }: ControllerContext,
): Promise<void> {
  const time = timestamp(clock.now());
  const condition = (type: string, status: boolean): object => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: time,
  });
  const status = {
    phase: 'Running',
    podIP: state.podIP,
    podIPs: [{ ip: state.podIP }],
    startTime: time,
    conditions: [
      condition('Initialized', true),
      condition('ContainersReady', state.ready),
      condition('Ready', state.ready),
      condition('PodScheduled', true),
    ] as never,
  };
  const body = { metadata: { uid: pod.metadata.uid }, status };
  await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
}

async function stop(
  pod: Pod,
  options: FakeKubeletOptions,
  { client, clock, signal }: ControllerContext,
): Promise<Outcome> {
  const { deletionTimestamp = '', deletionGracePeriodSeconds = 0, uid } = pod.metadata;
  const deletedAt = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const wait = deletedAt + (options.stopAfter ?? 0) - clock.now();
  if (wait > 0) return again(wait);
  try {
    await client.delete(Pod, keyOf(pod), { gracePeriodSeconds: 0, preconditions: { uid }, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
  return done;
}

const renewInterval = 10_000;

/** Renews the lease of every node and reports it ready once. */
function nodeKubelet(options: FakeKubeletOptions): Controller {
  return defineController({
    name: 'fake-kubelet-node',
    for: Node,
    rbac: {},
    async reconcile(key, { cache, client, clock, signal }) {
      const node = cache.get(Node, key);
      if (!node) return done;
      if (options.silent?.has(key.name)) return again(renewInterval);
      const ready = node.status.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status !== 'True') {
        const time = timestamp(clock.now());
        const condition = {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          lastHeartbeatTime: time,
          lastTransitionTime: time,
        };
        await client.patch(
          Node,
          key,
          { type: 'strategic', body: { status: { conditions: [condition] } } },
          { subresource: 'status', signal },
        );
      }
      const metadata = { namespace: 'kube-node-lease', name: key.name };
      const spec = { holderIdentity: key.name, leaseDurationSeconds: 40, renewTime: microTimestamp(clock.now()) };
      try {
        await client.patch(Lease, metadata, { type: 'merge', body: { spec } }, { signal });
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
        await client.create(Lease, { metadata, spec }, { signal });
      }
      return again(renewInterval);
    },
  });
}

/** A node for tests, with room for 110 pods unless told otherwise. */
export function testNode(
  name: string,
  spec: { readonly cpu?: string; readonly memory?: string; readonly labels?: Record<string, string> } = {},
): DraftObjectOf<typeof Node> {
  const room = { cpu: spec.cpu ?? '4', memory: spec.memory ?? '8Gi', pods: '110' };
  const labels = { 'kubernetes.io/hostname': name, ...spec.labels };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status: { capacity: room, allocatable: room } };
}
