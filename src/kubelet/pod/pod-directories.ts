import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';

/** Paths of a pod under the kubelet's root directory, laid out as upstream's. */
export interface PodDirectories {
  readonly root: string;
  readonly volumes: string;
  readonly subpaths: string;
  readonly etcHosts: string;
  /** The folder of a container's termination messages. */
  container(name: string): string;
  volume(plugin: string, name: string): string;
}

/** The folder that holds one folder per pod. */
export function podsDirectory(kubeletRoot: string): string {
  return join(kubeletRoot, 'pods');
}

/** The paths of the pod with `uid`. */
export function podDirectories(kubeletRoot: string, uid: string): PodDirectories {
  const root = join(podsDirectory(kubeletRoot), uid);
  return {
    root,
    volumes: join(root, 'volumes'),
    subpaths: join(root, 'volume-subpaths'),
    etcHosts: join(root, 'etc-hosts'),
    container: (name) => join(root, 'containers', name),
    volume: (plugin, name) => join(root, 'volumes', plugin.replaceAll('/', '~'), name),
  };
}

/** The folder of a pod's container logs. */
export function podLogDirectory(podLogs: string, pod: Pod): string {
  const { namespace = '', name, uid } = pod.metadata;
  return join(podLogs, `${namespace}_${name}_${uid}`);
}
