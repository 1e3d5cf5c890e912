/** A cluster over HTTPS with one kubelet, whose volumes are real files and whose containers are records. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Pod } from '../../../src/api/core/pod.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { systemClock as clock } from '../../../src/base/system-clock.ts';
import { systemRandom as random } from '../../../src/base/system-random.ts';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import { defaultKubeletConfig } from '../../../src/kubelet/kubelet-config.ts';
import { createKubelet } from '../../../src/kubelet/kubelet.ts';
import { FakeContainerRuntime } from '../../../src/kubelet/runtime-fake/fake-container-runtime.ts';
import { fakeMounter, testMachine } from '../../../src/kubelet/testing/test-kubelet.ts';
import type { DraftObjectOf } from '../../../src/machinery/resource.ts';

const nodeName = 'node-1';
const pauseImage = 'registry.test/pause:1';
/** The image that containers of `createPod` may have. */
export const appImage = 'registry.test/app:1';

/** The spec of a pod, as a client writes it. */
export type PodSpecDraft = NonNullable<DraftObjectOf<typeof Pod>['spec']>;

/** A file as a container sees it. */
export interface SeenFile {
  readonly content: string;
  /** Permissions, such as 0o644. */
  readonly mode: number;
}

/** The cluster, and what its node does. */
export interface KubeletCluster extends AsyncDisposable {
  readonly cluster: HttpsCluster;
  readonly client: HttpsCluster['client'];
  /** Messages of the kubelet's events, by pod. */
  readonly events: Map<string, string[]>;
  /** Creates a pod of the node in the namespace `default`. */
  createPod(name: string, spec: PodSpecDraft): Promise<void>;
  pod(name: string): Promise<Pod>;
  /** What a container reads at a path; fails while it does not run. */
  file(pod: string, container: string, path: string): Promise<SeenFile>;
}

/** Starts one; the kubelet has no more rights than a node's. */
export async function kubeletCluster(): Promise<KubeletCluster> {
  const cluster = await httpsCluster();
  const { client, server, directory } = cluster;
  const runtime = new FakeContainerRuntime({ clock });
  for (const name of [pauseImage, appImage]) runtime.images.load({ name });
  const events = new Map<string, string[]>();
  const stop = new AbortController();
  const kubelet = createKubelet({
    config: { ...defaultKubeletConfig, nodeName, nodeIP: '192.0.2.10', pauseImage },
    directories: { root: join(directory, 'kubelet'), podLogs: join(directory, 'logs'), staticPods: undefined },
    client: server.client({ name: `system:node:${nodeName}`, groups: ['system:nodes', 'system:authenticated'] }),
    ...{ runtime, clock, random, log: silentLogger, machine: testMachine, mounter: fakeMounter(new Set()) },
    events: {
      record: ({ metadata: { name } }, { message }) => void events.set(name, [...(events.get(name) ?? []), message]),
    },
    cgroupTree: 'none',
  });
  const running = kubelet.run(stop.signal);
  return {
    ...{ cluster, client, events },
    createPod: async (name, spec) => {
      const metadata = { name, namespace: 'default' };
      await client.create(Pod, { metadata, spec: { ...spec, nodeName, automountServiceAccountToken: false } });
    },
    pod: (name) => client.get(Pod, { namespace: 'default', name }),
    file: (pod, container, path) => fileIn(runtime, { pod, container, path }),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the tests are over'));
      await running;
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function fileIn(
  runtime: FakeContainerRuntime,
  { pod, container, path }: { readonly pod: string; readonly container: string; readonly path: string },
): Promise<SeenFile> {
  const mounts = runtime.find(pod, container)?.config.mounts ?? [];
  const mount = mounts.find(({ containerPath }) => path.startsWith(`${containerPath}/`));
  if (!mount) throw new Error(`nothing is mounted at ${path} in ${pod}/${container}`);
  const file = join(mount.hostPath, path.slice(mount.containerPath.length));
  return { content: await readFile(file, 'utf8'), mode: (await stat(file)).mode & 0o777 };
}
