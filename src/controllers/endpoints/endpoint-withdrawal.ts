import { timestamp } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { Pod } from '../../api/core/pod.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { again, defineController, defineIndex, done, watched } from '../../client/controller.ts';
import type { Cache, Controller, ControllerContext } from '../../client/controller.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import { findCondition, isPodFinished } from '../pod-state.ts';
import { serviceNameLabel, slicesByService } from './slice-writer.ts';
import { servicesSelecting } from './service-pods.ts';
import { newestVersion, offers, proxyLeases, waitForProxies, withdrawnCondition } from './withdrawal-plan.ts';

const waitingPods = defineIndex(Pod, 'awaits-withdrawal', (pod) => (awaitsWithdrawal(pod) ? ['yes'] : []));

const slicesByPod = defineIndex(EndpointSlice, 'pod', ({ endpoints = [] }) =>
  endpoints.flatMap(({ targetRef }) => (targetRef?.uid === undefined ? [] : [targetRef.uid])),
);

/**
 * Tells the kubelet of a pod that is being deleted when no proxy sends to it any more, so that its containers are
 * stopped only then: once no slice offers the pod and every live proxy has applied the slices that say so, the pod
 * gets the condition `kubets.io/EndpointsWithdrawn`.
 */
export function endpointWithdrawal(): Controller {
  const required = new RequiredVersions();
  return defineController({
    name: 'endpoint-withdrawal-controller',
    for: Pod,
    rbac: {
      pods: ['get', 'list', 'watch'],
      'pods/status': ['patch'],
      services: ['get', 'list', 'watch'],
      'endpointslices.discovery.k8s.io': ['get', 'list', 'watch'],
      'leases.coordination.k8s.io': ['get', 'list', 'watch'],
    },
    watches: [
      watched(EndpointSlice, (slice, { cache }) => waitingIn(slice, cache)),
      watched(Lease, (lease, { cache }) =>
        isProxyLease(lease) ? cache.byIndex(Pod, waitingPods.name, 'yes').map(keyOf) : [],
      ),
      watched(Service, () => []),
    ],
    indexes: [waitingPods, slicesByPod, slicesByService],
    async reconcile(key, context) {
      const pod = context.cache.get(Pod, key);
      if (!pod || !awaitsWithdrawal(pod)) {
        required.forget(key);
        return done;
      }
      const slices = slicesHolding(pod, context.cache);
      // The slice controller has not got to it; its write brings the key back.
      if (slices.some((slice) => offers(slice, pod.metadata.uid))) return done;
      const version =
        required.of(pod) ?? newestVersion(slices.length > 0 ? slices : slicesSelecting(pod, context.cache));
      if (version !== undefined) {
        required.set(pod, version);
        const leases = context.cache.list(Lease, { namespace: proxyLeases.namespace }).filter(isProxyLease);
        const wait = waitForProxies(leases, version, context.clock.now());
        if (wait > 0) return again(wait);
      }
      await confirm(pod, context);
      required.forget(key);
      return done;
    },
  });
}

/** The version that the proxies must reach, per pod. Kept from the first look, for busy slices move on. */
class RequiredVersions {
  readonly #versions = new Map<string, { readonly uid: string; readonly version: string }>();

  of(pod: Pod): string | undefined {
    const known = this.#versions.get(keyString(keyOf(pod)));
    return known?.uid === pod.metadata.uid ? known.version : undefined;
  }

  set(pod: Pod, version: string): void {
    this.#versions.set(keyString(keyOf(pod)), { uid: pod.metadata.uid, version });
  }

  forget(key: ObjectKey): void {
    this.#versions.delete(keyString(key));
  }
}

function slicesHolding(pod: Pod, cache: Cache): readonly EndpointSlice[] {
  return cache
    .byIndex(EndpointSlice, slicesByPod.name, pod.metadata.uid)
    .filter((slice) => !publishesUnready(slice, cache));
}

function awaitsWithdrawal(pod: Pod): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === 0) return false;
  if (pod.spec.nodeName === undefined || isPodFinished(pod)) return false;
  return findCondition(pod.status.conditions, withdrawnCondition)?.status !== 'True';
}

function waitingIn(slice: EndpointSlice, cache: Cache): readonly ObjectKey[] {
  return (slice.endpoints ?? []).flatMap(({ targetRef }) => {
    if (targetRef?.name === undefined) return [];
    const pod = cache.get(Pod, { namespace: slice.metadata.namespace, name: targetRef.name });
    return pod && awaitsWithdrawal(pod) ? [keyOf(pod)] : [];
  });
}

/** Such a service offers its pods to the very end, as it was asked to; waiting for it would be in vain. */
function publishesUnready({ metadata }: EndpointSlice, cache: Cache): boolean {
  const name = metadata.labels?.[serviceNameLabel];
  if (name === undefined) return false;
  return cache.get(Service, { namespace: metadata.namespace, name })?.spec.publishNotReadyAddresses === true;
}

function slicesSelecting(pod: Pod, cache: Cache): readonly EndpointSlice[] {
  return servicesSelecting(pod, cache).flatMap(({ metadata }) =>
    cache.byIndex(EndpointSlice, slicesByService.name, `${metadata.namespace}/${metadata.name}`),
  );
}

function isProxyLease({ metadata }: Lease): boolean {
  return metadata.namespace === proxyLeases.namespace && metadata.name.startsWith(proxyLeases.prefix);
}

async function confirm(pod: Pod, { client, clock, signal }: ControllerContext): Promise<void> {
  const condition = { type: withdrawnCondition, status: 'True', lastTransitionTime: timestamp(clock.now()) };
  const body = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
  try {
    await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
