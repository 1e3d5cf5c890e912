import type { Pod } from '../../api/core/pod.ts';
import { StatusError } from '../../base/errors.ts';
import { newestContainer, readySandbox } from '../pod/observed-pod.ts';
import type { KubeletServices } from '../pod/kubelet-services.ts';
import type { PodWorkers } from '../pod/pod-workers.ts';
import type { StreamingResolver } from '../streaming/streaming-handler.ts';
import type { PodTarget } from '../streaming/streaming-request.ts';

/** Finds the runtime's streaming URL for exec, attach and port-forward requests. */
export function runtimeStreams(services: KubeletServices, workers: PodWorkers): StreamingResolver {
  const { runtime, observer } = services;
  const containerId = async (
    target: PodTarget & { readonly container: string },
    signal: AbortSignal,
  ): Promise<string> => {
    const observed = await observer.observe(findPod(workers, target).metadata.uid, signal);
    const found = newestContainer(observed, target.container);
    if (found?.state !== 'Running') throw new StatusError('NotFound', `container not found ("${target.container}")`);
    return found.id;
  };
  return {
    async exec({ tty, stdin, stdout, stderr, command, ...target }, signal) {
      const id = await containerId(target, signal);
      return runtime.exec({ containerId: id, command, tty, stdin, stdout, stderr: stderr && !tty }, { signal });
    },
    async attach({ tty, stdin, stdout, stderr, ...target }, signal) {
      const id = await containerId(target, signal);
      return runtime.attach({ containerId: id, tty, stdin, stdout, stderr: stderr && !tty }, { signal });
    },
    async portForward(target, signal) {
      const observed = await observer.observe(findPod(workers, target).metadata.uid, signal);
      const sandbox = readySandbox(observed);
      if (!sandbox)
        throw new StatusError('NotFound', `pod ${target.pod} does not run on this node: its sandbox is not ready`);
      return runtime.portForward({ podSandboxId: sandbox.id, ports: [] }, { signal });
    },
  };
}

/** The pod of a request. Throws StatusError NotFound. */
export function findPod(workers: PodWorkers, { namespace, pod, uid }: PodTarget): Pod {
  const found = workers
    .pods()
    .find(
      ({ metadata }) => metadata.namespace === namespace && metadata.name === pod && (!uid || metadata.uid === uid),
    );
  if (!found) throw new StatusError('NotFound', `pod "${pod}" in namespace "${namespace}" does not exist on this node`);
  return found;
}
