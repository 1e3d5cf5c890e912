import { mkdir, readFile, realpath } from 'node:fs/promises';
import { Node } from '../api/core/node.ts';
import type { Node as NodeObject } from '../api/core/node.ts';
import { Service } from '../api/core/service.ts';
import { Informer } from '../client/informer.ts';
import type { NodeAllocatable } from './env/field-reference.ts';
import { ImagePuller } from './image/image-puller.ts';
import { PauseImage } from './image/pause-image.ts';
import type { KubeletDirectories } from './kubelet-config.ts';
import type { KubeletOptions } from './kubelet-options.ts';
import type { Machine } from './node/machine.ts';
import { createMachine } from './node/machine.ts';
import { readNodeResolvConf } from './node/node-resolv-conf.ts';
import { NodeReporter } from './node/node-reporter.ts';
import type { KubeletServices } from './pod/kubelet-services.ts';
import { LifecycleHooks } from './pod/lifecycle-hooks.ts';
import { PodObserver } from './pod/pod-observer.ts';
import type { PodFingerprint } from './pod/pod-observer.ts';
import { PodWorkers } from './pod/pod-workers.ts';
import { RuntimeWatch } from './pod/runtime-watch.ts';
import { createRunProbe } from './probe/run-probe.ts';
import { hasSysResource } from './resources/capabilities.ts';
import { CgroupFileSystem } from './resources/cgroup-file-system.ts';
import { PodCgroups } from './resources/pod-cgroups.ts';
import { MirrorPods } from './source/mirror-pods.ts';
import { PodSources } from './source/pod-sources.ts';
import { ReferencedObjects } from './source/referenced-objects.ts';
import { StatusWriter } from './status/status-writer.ts';
import { systemMounter } from './volume/mounter.ts';
import { PodCertificates } from './volume/pod-certificates.ts';
import { PodVolumes } from './volume/pod-volumes.ts';
import { ServiceAccountTokens } from './volume/service-account-tokens.ts';
import { TrustAnchors } from './volume/trust-anchors.ts';
import { volumePlugins } from './volume/volume-plugins.ts';

/** What is found out about the machine before the parts are made. */
export interface PreparedMachine {
  readonly directories: KubeletDirectories;
  readonly cgroups: PodCgroups;
  readonly mayLowerOomScore: boolean;
  readonly machine: Machine;
}

/** The parts of one kubelet, wired together. Callbacks reach parts that are made later: they are called once all run. */
export class KubeletParts {
  readonly node: NodeReporter;
  readonly observer: PodObserver;
  readonly servicesInformer: Informer<Service>;
  readonly nodeInformer: Informer<NodeObject>;
  readonly objects: ReferencedObjects;
  readonly statuses: StatusWriter;
  readonly sources: PodSources;
  readonly watch: RuntimeWatch;
  readonly services: KubeletServices;
  readonly workers: PodWorkers;

  constructor(options: KubeletOptions, prepared: PreparedMachine, signal: AbortSignal) {
    const { config, client, runtime, clock, random, log, events } = options;
    const shared = { client, clock, random, log };
    this.node = new NodeReporter({ ...shared, config, runtime, machine: prepared.machine, events });
    this.observer = new PodObserver(runtime, prepared.machine);
    this.servicesInformer = new Informer({ ...shared, resource: Service });
    this.nodeInformer = followNode(options);
    this.objects = new ReferencedObjects({
      ...shared,
      nodeName: config.nodeName,
      changed: (uid) => this.workers.invalidateVolumes(uid),
    });
    this.statuses = new StatusWriter({
      ...{ client, clock, log, signal },
      current: (pod) => this.sources.current(pod),
      written: (pod) => this.sources.written(pod),
    });
    this.sources = new PodSources({
      ...shared,
      nodeName: config.nodeName,
      staticPodDirectory: prepared.directories.staticPods,
      mirrors: new MirrorPods({ client, nodeName: config.nodeName, nodeUid: () => this.node.uid, log }),
      updated: (pod) => this.workers.update(pod),
      removed: (uid) => this.workers.remove(uid),
      mirrored: (uid) => this.statuses.check(uid),
    });
    this.watch = new RuntimeWatch({
      ...{ observer: this.observer, runtime, clock, log },
      changed: ({ uid }) => this.workers.wake(uid),
      recovered: () => this.workers.wakeAll(),
      surveyed: (pods) => this.#stopOrphans(pods),
    });
    this.services = this.#services(options, prepared);
    this.workers = new PodWorkers(this.services, signal);
  }

  #services(options: KubeletOptions, prepared: PreparedMachine): KubeletServices {
    const { config, client, runtime, clock, random, log, events } = options;
    const { node, observer, objects, statuses, servicesInformer } = this;
    const tokens = new ServiceAccountTokens({ client, clock });
    const anchors = new TrustAnchors({ bundles: () => objects.trustBundles(), random });
    const certificates = new PodCertificates({
      ...{ client, clock, random, log, events, nodeName: config.nodeName },
      nodeUid: () => node.uid,
      request: (namespace, name) => objects.podCertificateRequest(namespace, name),
    });
    const mounter = options.mounter ?? systemMounter;
    const allocatable = (): NodeAllocatable => allocatableOf(node);
    const volumes = new PodVolumes({
      rootDirectory: prepared.directories.root,
      plugins: options.volumePlugins ?? volumePlugins,
      services: {
        ...{ clock, mounter, objects, allocatable },
        token: (question, abort) => tokens.token(question, abort),
        trustAnchors: (projection) => anchors.read(projection),
        certificate: (question, abort) => certificates.credentials(question, abort),
      },
    });
    return {
      ...{ config, client, runtime, clock, random, log, events, observer, objects, statuses },
      ...{ volumes, mounter, tokens, certificates, allocatable, ...prepared },
      puller: new ImagePuller({ runtime, clock, events }),
      pauseImage: new PauseImage({ image: config.pauseImage, runtime, log }),
      hooks: new LifecycleHooks({ runtime, clock }),
      runProbe: options.runProbe ?? createRunProbe(runtime),
      services: async ({ wait, signal }) => {
        if (wait) await servicesInformer.whenSynced(signal);
        return servicesInformer.cache.list();
      },
      memoryCapacity: () => node.facts?.memory ?? 1,
      runtimeName: () => node.version?.runtimeName ?? 'containerd',
      nodeResolvConf: () => readNodeResolvConf(config.resolvConf),
      nodeHosts: () => readFile('/etc/hosts', 'utf8').catch(() => '127.0.0.1\tlocalhost\n'),
      expectChange: (ms) => this.watch.expectChange(ms),
    };
  }

  #stopOrphans(pods: readonly PodFingerprint[]): void {
    if (!this.sources.ready) return;
    for (const { uid } of pods) if (!this.workers.has(uid)) this.workers.remove(uid);
  }
}

/** Makes the folders and the cgroups above all pods'. */
export async function prepareMachine(options: KubeletOptions): Promise<PreparedMachine> {
  const { directories } = options;
  await Promise.all([mkdir(directories.root, { recursive: true }), mkdir(directories.podLogs, { recursive: true })]);
  // Mount points are listed by their real paths.
  const root = await realpath(directories.root);
  return {
    directories: { ...directories, root },
    machine: options.machine ?? createMachine(root),
    cgroups: await prepareCgroups(options),
    mayLowerOomScore: await hasSysResource(),
  };
}

async function prepareCgroups({ config, cgroupTree, log }: KubeletOptions): Promise<PodCgroups> {
  const wanted = cgroupTree !== 'none' && config.cgroupDriver === 'cgroupfs';
  const given = cgroupTree === 'none' ? undefined : cgroupTree;
  const tree = wanted ? (given ?? (await CgroupFileSystem.detect())) : undefined;
  const { cgroupDriver: driver, cgroupRoot: root, podPidsLimit } = config;
  const cgroups = new PodCgroups({ tree, driver, root, podPidsLimit });
  if (wanted && !tree) {
    log.warning(
      'No cgroups are mounted: pods run without limits. Mount cgroup2 on /sys/fs/cgroup, restart the kubelet',
    );
  }
  await cgroups.prepare();
  return cgroups;
}

/** Tells the runtime the addresses that the node may give to its pods, once they are known. */
function followNode({ config, client, runtime, clock, random, log }: KubeletOptions): Informer<NodeObject> {
  const selection = { fieldSelector: `metadata.name=${config.nodeName}` };
  const informer = new Informer({ client, resource: Node, selection, clock, random, log });
  let told = '';
  informer.subscribe(({ type, object }) => {
    const podCIDR = object.spec.podCIDRs?.join(',') || object.spec.podCIDR;
    if (type === 'deleted' || !podCIDR || podCIDR === told) return;
    told = podCIDR;
    runtime.updateRuntimeConfig({ podCIDR }).catch((error: unknown) => {
      told = '';
      log.warning('Failed to tell the runtime its pod CIDR', { podCIDR, err: error });
    });
  });
  return informer;
}

function allocatableOf({ facts }: NodeReporter): NodeAllocatable {
  return {
    milliCpu: (facts?.cpus ?? 1) * 1000,
    memory: facts?.memory ?? 0,
    ephemeralStorage: facts?.disk ?? 0,
  };
}
