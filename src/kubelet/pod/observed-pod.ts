import type { ContainerStatus, PodSandboxStatus } from '../cri/container-runtime.ts';

/** A sandbox as the runtime last told. */
export type ObservedSandbox = PodSandboxStatus;

/** A container as the runtime last told, with what its labels and annotations say. */
export interface ObservedContainer extends ContainerStatus {
  readonly podSandboxId: string;
  readonly name: string;
  readonly restartCount: number;
  readonly hash: string;
}

/** What the runtime knows of a pod; both lists newest first. */
export interface ObservedPod {
  readonly uid: string;
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

/** The pod's newest sandbox. */
export function newestSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  return observed.sandboxes[0];
}

/** The pod's newest sandbox if it works. */
export function readySandbox(observed: ObservedPod): ObservedSandbox | undefined {
  const [sandbox] = observed.sandboxes;
  return sandbox?.state === 'Ready' ? sandbox : undefined;
}

/** The newest container of that name. */
export function newestContainer(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return observed.containers.find((container) => container.name === name);
}

/** The newest container of that name before the newest. */
export function previousContainer(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return observed.containers.filter((container) => container.name === name)[1];
}

/** Containers that run, or might. */
export function liveContainers(observed: ObservedPod): readonly ObservedContainer[] {
  return observed.containers.filter(({ state }) => state !== 'Exited');
}

/** Addresses of the pod, the first being the main one. */
export function podIPsOf(observed: ObservedPod, hostIPs: readonly string[]): readonly string[] {
  const sandbox = observed.sandboxes.find(({ state }) => state === 'Ready');
  if (!sandbox) return [];
  if (sandbox.namespaceOptions?.network === 'NODE') return hostIPs;
  const { network } = sandbox;
  return network?.ip ? [network.ip, ...network.additionalIPs] : [];
}
