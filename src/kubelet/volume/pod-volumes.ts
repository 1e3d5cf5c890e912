import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';
import { messageOf } from '../../base/errors.ts';
import type { PodAddresses } from '../env/field-reference.ts';
import { podDirectories, podsDirectory } from '../pod/pod-directories.ts';
import type { MountedVolume, VolumePlugin, VolumeReference, VolumeServices } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** Volumes of a pod by name, and when they want to be looked at again. */
export interface PodMounts {
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** Milliseconds from now. */
  readonly refreshIn: number | undefined;
}

/** Options of `PodVolumes`. */
export interface PodVolumesOptions {
  readonly rootDirectory: string;
  readonly plugins: readonly VolumePlugin[];
  readonly services: VolumeServices;
}

/** Mounts the volumes of pods, keeps them up to date and takes them down. */
export class PodVolumes {
  readonly #options: PodVolumesOptions;

  constructor(options: PodVolumesOptions) {
    this.#options = options;
  }

  /** Makes all volumes of the pod, or brings them up to date. Throws VolumeError naming the volume that can't be. */
  async mountAll(pod: Pod, addresses: PodAddresses, signal: AbortSignal): Promise<PodMounts> {
    const volumes = pod.spec.volumes ?? [];
    const mounted = await Promise.all(volumes.map((volume) => this.#mount(pod, volume, { addresses, signal })));
    const refreshes = mounted.flatMap(({ refreshIn }) => (refreshIn === undefined ? [] : [refreshIn]));
    return {
      volumes: new Map(volumes.map((volume, index) => [volume.name, mounted[index] ?? { path: '' }])),
      refreshIn: refreshes.length === 0 ? undefined : Math.min(...refreshes),
    };
  }

  /** Objects that the pod's volumes show. */
  references(pod: Pod): readonly VolumeReference[] {
    return (pod.spec.volumes ?? []).flatMap((volume) => this.#pluginOf(volume)?.references?.(volume) ?? []);
  }

  /** Unmounts and removes the pod's volumes; its termination messages stay. Never crosses into a mount. */
  async unmountAll(uid: string): Promise<void> {
    const { root, volumes, subpaths } = podDirectories(this.#options.rootDirectory, uid);
    const { mounter } = this.#options.services;
    for (const point of await mounter.mountsBelow(root)) await mounter.unmount(point);
    const left = await mounter.mountsBelow(root);
    if (left.length > 0) throw new VolumeError(`cannot remove ${root}: still mounted: ${left.join(', ')}`);
    await Promise.all([volumes, subpaths].map((folder) => rm(folder, { recursive: true, force: true })));
  }

  /** Removes everything of the pod below the kubelet's root. */
  async tearDown(uid: string): Promise<void> {
    await this.unmountAll(uid);
    await rm(podDirectories(this.#options.rootDirectory, uid).root, { recursive: true, force: true });
  }

  /** Uids of pods that have a folder. */
  async list(): Promise<readonly string[]> {
    return readdir(join(podsDirectory(this.#options.rootDirectory))).catch(() => []);
  }

  async #mount(
    pod: Pod,
    volume: Volume,
    { addresses, signal }: { readonly addresses: PodAddresses; readonly signal: AbortSignal },
  ): Promise<MountedVolume> {
    const plugin = this.#pluginOf(volume);
    if (!plugin) throw new VolumeError(unsupported(volume));
    const folder = podDirectories(this.#options.rootDirectory, pod.metadata.uid).volume(plugin.name, volume.name);
    try {
      return await plugin.mount({ pod, volume, folder, addresses, services: this.#options.services, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #pluginOf(volume: Volume): VolumePlugin | undefined {
    // A volume without a source is an emptyDir by default.
    const stated = Object.keys(volume).length === 1 ? { ...volume, emptyDir: {} } : volume;
    return this.#options.plugins.find((plugin) => plugin.claims(stated));
  }
}

function unsupported(volume: Volume): string {
  const kind = Object.entries(volume).find(([key, value]) => key !== 'name' && value !== undefined)?.[0] ?? 'unknown';
  return `volume "${volume.name}" is of type ${kind}, which this kubelet does not support: use one of emptyDir, hostPath, configMap, secret, downwardAPI, projected`;
}
