import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { createEventRecorder } from '../../client/recorder.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import { createKubelet } from '../../kubelet/kubelet.ts';
import type { KubeletConfig, KubeletDirectories } from '../../kubelet/kubelet-config.ts';
import type { KubeletServerOptions } from '../../kubelet/server/kubelet-server.ts';

/** What a kubelet runs with, whatever process it is in. */
export interface KubeletComponentOptions {
  /** With the identity `system:node:<name>`. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: KubeletConfig;
  readonly directories: KubeletDirectories;
  readonly server: KubeletServerOptions;
  /** `unix:///path/of/the/socket`. */
  readonly runtimeEndpoint: string;
}

/** The kubelet with a connection to its runtime and events of its own. */
export function kubeletComponent(options: KubeletComponentOptions): Component {
  const { runtimeEndpoint, ...rest } = options;
  return {
    name: 'kubelet',
    needs: ['kube-apiserver'],
    async run(signal) {
      using runtime = createCriClient(runtimeEndpoint);
      const host = rest.config.nodeName;
      await using events = createEventRecorder({ ...rest, component: 'kubelet', host });
      await createKubelet({ ...rest, runtime, events }).run(signal);
    },
  };
}
