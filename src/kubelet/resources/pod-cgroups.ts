import type { Pod } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import type { QosClass } from '../../api/core/qos-class.ts';
import type { CgroupSettings } from './cgroup-file-system.ts';
import { minShares, podCgroupValues } from './cgroup-values.ts';

/** What makes and removes cgroups; `CgroupFileSystem` is the real one. */
export interface CgroupTree {
  ensure(path: string, settings: CgroupSettings): Promise<void>;
  remove(path: string): Promise<void>;
  children(path: string): Promise<readonly string[]>;
}

/** Options of `PodCgroups`. */
export interface PodCgroupsOptions {
  /** Undefined where the kernel offers no cgroups, or with the systemd driver, which makes them itself. */
  readonly tree: CgroupTree | undefined;
  readonly driver: 'cgroupfs' | 'systemd';
  /** The cgroup above `kubepods`. */
  readonly root: string;
  readonly podPidsLimit?: number | undefined;
}

const classFolders: Readonly<Record<QosClass, string>> = {
  Guaranteed: '',
  Burstable: '/burstable',
  BestEffort: '/besteffort',
};

/** The cgroups `kubepods/{burstable,besteffort}/pod<uid>`: made before a pod's sandbox, removed after its end. */
export class PodCgroups {
  readonly #options: PodCgroupsOptions;
  readonly #base: string;

  constructor(options: PodCgroupsOptions) {
    this.#options = options;
    this.#base = `${options.root === '/' ? '' : options.root}/kubepods`;
  }

  /** Makes the cgroups of the QoS classes. */
  async prepare(): Promise<void> {
    const { tree } = this.#options;
    if (!tree) return;
    await tree.ensure(this.#base, {});
    await tree.ensure(`${this.#base}/burstable`, {});
    await tree.ensure(`${this.#base}/besteffort`, { cpuShares: minShares });
  }

  /** The parent that the runtime is told for a pod's sandbox and containers. */
  parentOf(pod: Pod): string {
    if (this.#options.driver === 'cgroupfs') return this.#path(qosClass(pod.spec), pod.metadata.uid);
    const parts = this.#path(qosClass(pod.spec), pod.metadata.uid.replaceAll('-', '_')).split('/').filter(Boolean);
    return `${parts.map((part) => part.replaceAll('-', '_')).join('-')}.slice`;
  }

  /** Makes the pod's cgroup, with the limits of all its containers together. */
  async ensure(pod: Pod): Promise<void> {
    const { tree, podPidsLimit } = this.#options;
    await tree?.ensure(this.parentOf(pod), { ...podCgroupValues(pod), pidsLimit: podPidsLimit });
  }

  /** Removes the pod's cgroup, of whatever class it was. */
  async remove(uid: string): Promise<void> {
    const { tree } = this.#options;
    if (!tree) return;
    for (const qos of Object.keys(classFolders) as QosClass[]) await tree.remove(this.#path(qos, uid));
  }

  /** Uids of the pods that have a cgroup. */
  async list(): Promise<readonly string[]> {
    const { tree } = this.#options;
    if (!tree) return [];
    const names = await Promise.all(Object.values(classFolders).map((folder) => tree.children(this.#base + folder)));
    return names.flat().flatMap((name) => (name.startsWith('pod') ? [name.slice(3)] : []));
  }

  #path(qos: QosClass, uid: string): string {
    return `${this.#base}${classFolders[qos]}/pod${uid}`;
  }
}
