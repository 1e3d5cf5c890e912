import { join } from 'node:path';
import type { VolumeMount } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Mount } from '../cri/container-runtime.ts';
import { ContainerConfigError } from '../env/container-environment.ts';
import { expand } from '../env/expansion.ts';
import type { Mounter } from '../volume/mounter.ts';
import { bindSubPath } from '../volume/sub-path.ts';
import type { MountedVolume } from '../volume/volume-plugin.ts';
import type { AnyContainer } from './pod-facts.ts';

/** What a container's mounts are made from. */
export interface ContainerMountsInputs {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  readonly variables: ReadonlyMap<string, string>;
  /** The pod's own hosts file; undefined when it is not mounted. */
  readonly etcHosts: string | undefined;
  /** The pod's folder of bound subpaths. */
  readonly subpaths: string;
  readonly mounter: Mounter;
}

/** The mounts of a container's volumes, and of /etc/hosts unless it brings its own. */
export async function containerMounts(inputs: ContainerMountsInputs): Promise<readonly Mount[]> {
  const mounts: Mount[] = [];
  for (const [index, mount] of (inputs.container.volumeMounts ?? []).entries()) {
    mounts.push(await volumeMount(inputs, mount, index));
  }
  const ownHosts = mounts.some(({ containerPath }) => containerPath === '/etc/hosts');
  if (inputs.etcHosts !== undefined && !ownHosts) {
    mounts.push({ containerPath: '/etc/hosts', hostPath: inputs.etcHosts });
  }
  return mounts;
}

async function volumeMount(inputs: ContainerMountsInputs, mount: VolumeMount, index: number): Promise<Mount> {
  const { pod, container } = inputs;
  const volume = inputs.volumes.get(mount.name);
  if (!volume)
    throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
  const subPath = subPathOf(mount, inputs.variables);
  const source = pod.spec.volumes?.find(({ name }) => name === mount.name);
  const readonly = mount.readOnly || source?.configMap || source?.secret || source?.downwardAPI || source?.projected;
  const hostPath =
    subPath === undefined
      ? volume.path
      : await bindSubPath({
          volumePath: volume.path,
          subPath,
          target: join(inputs.subpaths, mount.name, container.name, String(index)),
          mounter: inputs.mounter,
        });
  return {
    containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
    hostPath,
    readonly: Boolean(readonly),
    propagation: mount.mountPropagation ?? 'None',
  };
}

function subPathOf(mount: VolumeMount, variables: ReadonlyMap<string, string>): string | undefined {
  if (mount.subPath) return mount.subPath;
  if (!mount.subPathExpr) return undefined;
  const unknown: string[] = [];
  const expanded = expand(mount.subPathExpr, (name) => {
    const value = variables.get(name);
    if (value === undefined) unknown.push(name);
    return value;
  });
  if (unknown.length === 0) return expanded;
  throw new ContainerConfigError(
    `failed to expand subPathExpr "${mount.subPathExpr}": variable ${unknown.join(', ')} is not set`,
  );
}
