import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { ContainerRuntime } from './cri/container-runtime.ts';
import type { KubeletConfig, KubeletDirectories } from './kubelet-config.ts';
import type { Machine } from './node/machine.ts';
import type { RunProbe } from './probe/run-probe.ts';
import type { CgroupTree } from './resources/pod-cgroups.ts';
import type { KubeletServerOptions } from './server/kubelet-server.ts';
import type { Mounter } from './volume/mounter.ts';
import type { VolumePlugin } from './volume/volume-plugin.ts';

/** What a kubelet needs. What may be left out acts on the machine itself. */
export interface KubeletOptions {
  readonly config: KubeletConfig;
  readonly directories: KubeletDirectories;
  /** With the identity `system:node:<name>`. */
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** The HTTPS server; undefined serves nothing. */
  readonly server?: KubeletServerOptions | undefined;
  readonly machine?: Machine | undefined;
  readonly mounter?: Mounter | undefined;
  readonly runProbe?: RunProbe | undefined;
  /** `none` makes no cgroups. */
  readonly cgroupTree?: CgroupTree | 'none' | undefined;
  readonly volumePlugins?: readonly VolumePlugin[] | undefined;
}
