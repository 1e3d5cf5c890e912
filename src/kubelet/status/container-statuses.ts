import { timestamp } from '../../base/clock.ts';
import type { ContainerState, ContainerStatus, Pod } from '../../api/core/pod.ts';
import type { ObservedContainer, ObservedPod } from '../pod/observed-pod.ts';
import { newestContainer, previousContainer } from '../pod/observed-pod.ts';
import type { AnyContainer, ContainerGroup } from '../pod/pod-facts.ts';
import { isSidecar } from '../pod/pod-facts.ts';

/** Why a container waits, and what happened before. */
export interface WaitingReason {
  readonly reason: string;
  readonly message: string;
}

/** What statuses are made from. */
export interface StatusInputs {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  /** Why a container could not be started, or waits to be. */
  readonly waiting: ReadonlyMap<string, WaitingReason>;
  readonly probes: ReadinessView;
  /** The last words of ended containers, by id. */
  readonly messages: ReadonlyMap<string, string>;
  /** Such as `containerd`. */
  readonly runtimeName: string;
  readonly initialized: boolean;
}

/** What the probes say of a running container. */
export interface ReadinessView {
  ready(containerId: string, container: AnyContainer): boolean;
  started(containerId: string, container: AnyContainer): boolean;
}

/** The statuses of one group of containers, in the order of the spec. */
export function containerStatuses(inputs: StatusInputs, group: ContainerGroup): readonly ContainerStatus[] {
  return (inputs.pod.spec[group] ?? []).map((container) => containerStatus(inputs, container, group));
}

function containerStatus(inputs: StatusInputs, container: AnyContainer, group: ContainerGroup): ContainerStatus {
  const current = newestContainer(inputs.observed, container.name);
  const known = formerStatus(inputs.pod, group, container.name);
  const waiting = inputs.waiting.get(container.name);
  if (!current) return neverStarted(inputs, container, known, waiting);
  const state = stateOf(inputs, current);
  const restarting = current.state === 'Exited' && waiting !== undefined;
  const previous = previousContainer(inputs.observed, container.name);
  const running = current.state === 'Running';
  const started = running && inputs.probes.started(current.id, container);
  return {
    name: container.name,
    state: restarting ? { waiting } : state,
    lastState: restarting
      ? state
      : previous
        ? stateOf(inputs, previous)
        : lastKnown(known, current, inputs.runtimeName),
    ready: readiness(inputs, container, group, { current, started }),
    restartCount: current.restartCount,
    image: displayImage(current, container),
    imageID: current.imageRef,
    containerID: containerID(inputs.runtimeName, current.id),
    started,
    ...resourcesOf(container),
    ...mountsOf(container),
    ...(current.user === undefined ? {} : { user: { linux: current.user } }),
  };
}

function neverStarted(
  { initialized, pod }: StatusInputs,
  container: AnyContainer,
  known: ContainerStatus | undefined,
  waiting: WaitingReason | undefined,
): ContainerStatus {
  const creating =
    initialized || (pod.spec.initContainers ?? []).length === 0 ? 'ContainerCreating' : 'PodInitializing';
  // The runtime forgot a container that the API still shows: keep what is known of its end.
  const lost = known?.state.terminated ?? known?.lastState.terminated;
  return {
    name: container.name,
    state: { waiting: waiting ?? { reason: creating } },
    lastState: lost ? { terminated: lost } : {},
    ready: false,
    restartCount: known?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
    ...mountsOf(container),
  };
}

function stateOf({ messages, runtimeName }: StatusInputs, container: ObservedContainer): ContainerState {
  const at = (ms: number | undefined): string => timestamp(ms ?? 0);
  if (container.state === 'Running') return { running: { startedAt: at(container.startedAt) } };
  if (container.state !== 'Exited') return { waiting: { reason: 'ContainerCreating' } };
  const message = messages.get(container.id) || container.message;
  return {
    terminated: {
      exitCode: container.exitCode,
      reason: container.reason || (container.exitCode === 0 ? 'Completed' : 'Error'),
      ...(message ? { message } : {}),
      startedAt: at(container.startedAt ?? container.createdAt),
      finishedAt: at(container.finishedAt),
      containerID: containerID(runtimeName, container.id),
    },
  };
}

function readiness(
  { probes }: StatusInputs,
  container: AnyContainer,
  group: ContainerGroup,
  { current, started }: { readonly current: ObservedContainer; readonly started: boolean },
): boolean {
  if (group === 'ephemeralContainers') return false;
  if (group === 'initContainers' && !isSidecar(container)) return current.state === 'Exited' && current.exitCode === 0;
  return started && probes.ready(current.id, container);
}

/** What the API showed of an earlier run that the runtime has forgotten by now. */
function lastKnown(
  known: ContainerStatus | undefined,
  current: ObservedContainer,
  runtimeName: string,
): ContainerState {
  if (!known || known.restartCount === 0) return {};
  const own = containerID(runtimeName, current.id);
  if (known.containerID === own) return known.lastState;
  return known.state.terminated ? { terminated: known.state.terminated } : known.lastState;
}

function formerStatus(pod: Pod, group: ContainerGroup, name: string): ContainerStatus | undefined {
  const lists = {
    initContainers: pod.status.initContainerStatuses,
    containers: pod.status.containerStatuses,
    ephemeralContainers: pod.status.ephemeralContainerStatuses,
  };
  return lists[group]?.find((status) => status.name === name);
}

/** `containerd://<id>`. */
export function containerID(runtimeName: string, id: string): string {
  return `${runtimeName}://${id}`;
}

function displayImage(current: ObservedContainer, container: AnyContainer): string {
  const { image } = current.image;
  return image.startsWith('sha256:') || image === '' ? (container.image ?? image) : image;
}

function resourcesOf({ resources }: AnyContainer): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  const { limits, requests } = resources;
  if (!limits && !requests) return { resources: {} };
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  };
}

function mountsOf({ volumeMounts }: AnyContainer): Pick<ContainerStatus, 'volumeMounts'> {
  if (!volumeMounts?.length) return {};
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}
