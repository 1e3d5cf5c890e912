import type { Service } from '../../api/core/service.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import type { NodeAllocatable } from '../env/field-reference.ts';
import type { ImagePuller } from '../image/image-puller.ts';
import type { PauseImage } from '../image/pause-image.ts';
import type { KubeletConfig, KubeletDirectories } from '../kubelet-config.ts';
import type { Machine } from '../node/machine.ts';
import type { RunProbe } from '../probe/run-probe.ts';
import type { PodCgroups } from '../resources/pod-cgroups.ts';
import type { ReferencedObjects } from '../source/referenced-objects.ts';
import type { StatusWriter } from '../status/status-writer.ts';
import type { Mounter } from '../volume/mounter.ts';
import type { PodCertificates } from '../volume/pod-certificates.ts';
import type { PodVolumes } from '../volume/pod-volumes.ts';
import type { ServiceAccountTokens } from '../volume/service-account-tokens.ts';
import type { LifecycleHooks } from './lifecycle-hooks.ts';
import type { PodObserver } from './pod-observer.ts';

/** What the workers of one kubelet share. */
export interface KubeletServices {
  readonly config: KubeletConfig;
  readonly directories: KubeletDirectories;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly observer: PodObserver;
  readonly puller: ImagePuller;
  readonly pauseImage: PauseImage;
  readonly volumes: PodVolumes;
  readonly mounter: Mounter;
  readonly tokens: ServiceAccountTokens;
  readonly certificates: PodCertificates;
  readonly objects: ReferencedObjects;
  readonly cgroups: PodCgroups;
  readonly hooks: LifecycleHooks;
  readonly runProbe: RunProbe;
  readonly statuses: StatusWriter;
  readonly machine: Machine;
  /** All services, once they are known. Without `wait`, those that are known now. */
  services(options: { readonly wait: boolean; readonly signal: AbortSignal }): Promise<readonly Service[]>;
  allocatable(): NodeAllocatable;
  /** Bytes. */
  memoryCapacity(): number;
  /** Whether oom_score_adj may be negative. */
  readonly mayLowerOomScore: boolean;
  /** The scheme of container ids, such as `containerd`. */
  runtimeName(): string;
  /** The text of the node's resolv.conf that pods inherit. */
  nodeResolvConf(): Promise<string>;
  /** The text of the node's /etc/hosts. */
  nodeHosts(): Promise<string>;
  /** Looks at the runtime often for this long, since something is about to change; ms. */
  expectChange(ms: number): void;
}
