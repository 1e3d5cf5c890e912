import type { ContainerStatus, Pod } from '../../api/core/pod.ts';
import { StatusError } from '../../base/errors.ts';
import { allContainers } from '../pod/pod-facts.ts';

const imageTroubles: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: 'trying and failing to pull image',
  InvalidImageName: 'invalid image name',
};

/** The id of the container whose log is meant. Throws StatusError, worded as upstream, when it has none. */
export function logTarget(pod: Pod, containerName: string, previous: boolean): string {
  const podName = pod.metadata.name;
  if (!allContainers(pod).some(({ container }) => container.name === containerName)) {
    throw new StatusError('BadRequest', `container ${containerName} is not valid for pod ${podName}`);
  }
  const status = statusOf(pod, containerName);
  if (!status) throw waiting(containerName, podName, 'ContainerCreating');
  if (previous) {
    const id = idOf(status.lastState.terminated?.containerID);
    if (id === undefined)
      throw new StatusError(
        'BadRequest',
        `previous terminated container "${containerName}" in pod "${podName}" not found`,
      );
    return id;
  }
  const { state, lastState } = status;
  const id = state.waiting ? idOf(lastState.terminated?.containerID) : idOf(status.containerID);
  if (id !== undefined) return id;
  const reason = state.waiting?.reason ?? 'ContainerCreating';
  throw waiting(containerName, podName, imageTroubles[reason] ?? reason);
}

function waiting(container: string, pod: string, why: string): StatusError {
  return new StatusError('BadRequest', `container "${container}" in pod "${pod}" is waiting to start: ${why}`);
}

function statusOf({ status }: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (entry) => entry.name === name,
  );
}

function idOf(containerID: string | undefined): string | undefined {
  return containerID?.split('://')[1] || undefined;
}
