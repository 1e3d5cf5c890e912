import { mkdir } from 'node:fs/promises';
import type { Pod } from '../../api/core/pod.ts';
import type { PodSandboxConfig } from '../cri/container-runtime.ts';
import { PauseImageError } from '../image/pause-image.ts';
import { messageOf } from '../../base/errors.ts';
import type { KubeletServices } from './kubelet-services.ts';
import { podDns } from './pod-dns.ts';
import { podLogDirectory } from './pod-directories.ts';
import { formatPod } from './pod-facts.ts';
import { sandboxConfig } from './sandbox-config.ts';

/** A sandbox that could not be made. The event has been recorded. */
export class SandboxError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SandboxError';
  }
}

/** The configuration of a pod's sandbox, which its containers need too. */
export async function sandboxConfigOf(services: KubeletServices, pod: Pod, attempt: number): Promise<PodSandboxConfig> {
  const { config, directories, cgroups } = services;
  const { clusterDNS, clusterDomain } = config;
  const nodeResolvConf = await services.nodeResolvConf();
  return sandboxConfig({
    pod,
    attempt,
    logDirectory: podLogDirectory(directories.podLogs, pod),
    cgroupParent: cgroups.parentOf(pod),
    dns: podDns(pod, { clusterDNS, clusterDomain, nodeResolvConf }),
    clusterDomain,
    seccompRoot: seccompRoot(directories.root),
  });
}

/** Where Localhost seccomp profiles lie. */
export function seccompRoot(kubeletRoot: string): string {
  return `${kubeletRoot}/seccomp`;
}

/** Makes the pod's cgroup, log folder and sandbox. Throws SandboxError. */
export async function startSandbox(
  services: KubeletServices,
  pod: Pod,
  attempt: number,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, events, log, pauseImage, cgroups, directories } = services;
  try {
    await Promise.all([
      pauseImage.ensure(signal),
      cgroups.ensure(pod),
      mkdir(podLogDirectory(directories.podLogs, pod), { recursive: true, mode: 0o755 }),
    ]);
    const config = await sandboxConfigOf(services, pod, attempt);
    await runtime.runPodSandbox(config, { signal, ...handlerOf(pod) });
  } catch (error) {
    signal.throwIfAborted();
    const message =
      error instanceof PauseImageError
        ? `Failed to create pod sandbox: ${error.message}`
        : `Failed to create pod sandbox: ${messageOf(error)}`;
    events.record(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message });
    log.error(message, { pod: formatPod(pod) });
    throw new SandboxError(message, { cause: error });
  }
}

function handlerOf(pod: Pod): { readonly runtimeHandler?: string } {
  return pod.spec.runtimeClassName ? { runtimeHandler: pod.spec.runtimeClassName } : {};
}
