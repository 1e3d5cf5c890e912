import { mkdir, readFile, realpath } from 'node:fs/promises';
import { Node } from '../api/core/node.ts';
import type { Node as NodeObject } from '../api/core/node.ts';
import { Service } from '../api/core/service.ts';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import { Informer } from '../client/informer.ts';
import type { ContainerRuntime } from './cri/container-runtime.ts';
import type { NodeAllocatable } from './env/field-reference.ts';
import { rotateLogsForever } from './files/log-rotation.ts';
import { ImagePuller } from './image/image-puller.ts';
import { PauseImage } from './image/pause-image.ts';
import type { KubeletConfig, KubeletDirectories } from './kubelet-config.ts';
import type { Machine } from './node/machine.ts';
import { createMachine } from './node/machine.ts';
import { renewLeaseForever } from './node/node-lease.ts';
import { NodeReporter } from './node/node-reporter.ts';
import type { KubeletServices } from './pod/kubelet-services.ts';
import { LifecycleHooks } from './pod/lifecycle-hooks.ts';
import { sweepOrphans } from './pod/orphan-sweep.ts';
import { PodObserver } from './pod/pod-observer.ts';
import type { PodFingerprint } from './pod/pod-observer.ts';
import { PodWorkers } from './pod/pod-workers.ts';
import { RuntimeWatch } from './pod/runtime-watch.ts';
import type { RunProbe } from './probe/run-probe.ts';
import { createRunProbe } from './probe/run-probe.ts';
import { hasSysResource } from './resources/capabilities.ts';
import { CgroupFileSystem } from './resources/cgroup-file-system.ts';
import type { CgroupTree } from './resources/pod-cgroups.ts';
import { PodCgroups } from './resources/pod-cgroups.ts';
import type { KubeletServerOptions } from './server/kubelet-server.ts';
import { runKubeletServer } from './server/kubelet-server.ts';
import { MirrorPods } from './source/mirror-pods.ts';
import { PodSources } from './source/pod-sources.ts';
import { ReferencedObjects } from './source/referenced-objects.ts';
import { StatusWriter } from './status/status-writer.ts';
import type { Mounter } from './volume/mounter.ts';
import { systemMounter } from './volume/mounter.ts';
import { PodVolumes } from './volume/pod-volumes.ts';
import { ServiceAccountTokens } from './volume/service-account-tokens.ts';
import type { VolumePlugin } from './volume/volume-plugin.ts';
import { volumePlugins } from './volume/volume-plugins.ts';

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

const sweepEvery = 60_000;

/** A node's agent: registers the node and runs the pods that are bound to it. Containers outlive it. */
export function createKubelet(options: KubeletOptions): Component {
  return { name: 'kubelet', run: (signal) => runKubelet(options, signal) };
}

async function runKubelet(options: KubeletOptions, signal: AbortSignal): Promise<void> {
  const kubelet = await assemble(options, signal);
  const { services, sources, workers, node, watch, servicesInformer, nodeInformer } = kubelet;
  const { config, clock, log, events } = services;
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: config.nodeName, uid: config.nodeName } };
  events.record(about, { type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' });
  log.info('Started kubelet', { node: config.nodeName, version: config.version });
  void services.pauseImage.compareWithRuntime(signal).catch(() => undefined);
  await Promise.all([
    node.run(signal),
    renewLeaseForever({ nodeName: config.nodeName, nodeUid: () => node.uid, client: services.client, clock, log }, signal),
    sources.run(signal),
    servicesInformer.run(signal),
    nodeInformer.run(signal),
    watch.run(signal),
    sweepForever(kubelet, signal),
    rotateLogsForever(services, signal),
    options.server ? runKubeletServer(options.server, { services, workers, node }, signal) : undefined,
  ]);
  await Promise.all([workers.settle(), services.statuses.settle(), services.objects.stop()]);
}

interface Kubelet {
  readonly services: KubeletServices;
  readonly sources: PodSources;
  readonly workers: PodWorkers;
  readonly node: NodeReporter;
  readonly watch: RuntimeWatch;
  readonly servicesInformer: Informer<Service>;
  readonly nodeInformer: Informer<NodeObject>;
}

/** Wires the parts together. Callbacks refer to parts that are made later, so they are only called once all run. */
async function assemble(options: KubeletOptions, signal: AbortSignal): Promise<Kubelet> {
  const { config, client, runtime, clock, random, log, events } = options;
  const directories = await prepareDirectories(options.directories);
  const machine = options.machine ?? createMachine(directories.root);
  const cgroups = await prepareCgroups(options);
  const node = new NodeReporter({ config, client, runtime, machine, clock, log, events, written: () => undefined });
  const servicesInformer = new Informer({ client, resource: Service, clock, random, log });
  const nodeInformer = followNode(options);
  const objects = new ReferencedObjects({ client, clock, random, log, changed: (uid) => workers.invalidateVolumes(uid) });
  const tokens = new ServiceAccountTokens({ client, clock });
  const mounter = options.mounter ?? systemMounter;
  const allocatable = (): NodeAllocatable => allocatableOf(node);
  const volumes = new PodVolumes({
    rootDirectory: directories.root,
    plugins: options.volumePlugins ?? volumePlugins,
    services: { clock, mounter, objects, allocatable, token: (question, abort) => tokens.token(question, abort) },
  });
  const observer = new PodObserver(runtime);
  const statuses = new StatusWriter({
    client,
    clock,
    log,
    signal,
    current: (pod) => sources.current(pod),
    written: (pod) => sources.written(pod),
  });
  const mirrors = new MirrorPods({ client, nodeName: config.nodeName, nodeUid: () => node.uid, log });
  const sources = new PodSources({
    nodeName: config.nodeName,
    client,
    clock,
    random,
    log,
    staticPodDirectory: directories.staticPods,
    mirrors,
    updated: (pod) => workers.update(pod),
    removed: (uid) => workers.remove(uid),
    mirrored: (uid) => statuses.check(uid),
  });
  const watch = new RuntimeWatch({
    observer,
    runtime,
    clock,
    log,
    changed: ({ uid }) => workers.wake(uid),
    recovered: () => workers.wakeAll(),
    surveyed: (pods) => stopOrphans(pods, { sources, workers }),
  });
  const services: KubeletServices = {
    ...{ config, directories, client, runtime, clock, random, log, events, observer, volumes, mounter, tokens, objects },
    ...{ cgroups, statuses, allocatable },
    puller: new ImagePuller({ runtime, clock, events }),
    pauseImage: new PauseImage({ image: config.pauseImage, runtime, log }),
    hooks: new LifecycleHooks({ runtime, clock }),
    runProbe: options.runProbe ?? createRunProbe(runtime),
    services: async ({ wait, signal: abort }) => {
      if (wait) await servicesInformer.whenSynced(abort);
      return servicesInformer.cache.list();
    },
    memoryCapacity: () => node.facts?.memory ?? 1,
    mayLowerOomScore: await hasSysResource(),
    runtimeName: () => node.version?.runtimeName ?? 'containerd',
    nodeResolvConf: () => readResolvConf(config.resolvConf),
    nodeHosts: () => readFile('/etc/hosts', 'utf8').catch(() => '127.0.0.1\tlocalhost\n'),
    expectChange: (ms) => watch.expectChange(ms),
  };
  const workers = new PodWorkers(services, signal);
  return { services, sources, workers, node, watch, servicesInformer, nodeInformer };
}

async function prepareDirectories(directories: KubeletDirectories): Promise<KubeletDirectories> {
  await Promise.all([mkdir(directories.root, { recursive: true }), mkdir(directories.podLogs, { recursive: true })]);
  // Mount points are listed by their real paths.
  return { ...directories, root: await realpath(directories.root) };
}

async function prepareCgroups({ config, cgroupTree, log }: KubeletOptions): Promise<PodCgroups> {
  const wanted = cgroupTree !== 'none' && config.cgroupDriver === 'cgroupfs';
  const tree = wanted ? (cgroupTree === undefined ? await CgroupFileSystem.detect() : cgroupTree as CgroupTree) : undefined;
  const { cgroupDriver: driver, cgroupRoot: root, podPidsLimit } = config;
  const cgroups = new PodCgroups({ tree, driver, root, podPidsLimit });
  if (wanted && !tree) log.warning('No cgroups are mounted: pods run without limits. Mount cgroup2 on /sys/fs/cgroup and restart the kubelet');
  await cgroups.prepare();
  return cgroups;
}

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

function stopOrphans(
  pods: readonly PodFingerprint[],
  { sources, workers }: { readonly sources: PodSources; readonly workers: PodWorkers },
): void {
  if (!sources.ready) return;
  for (const { uid } of pods) if (!workers.has(uid)) workers.remove(uid);
}

async function sweepForever({ sources, workers, services }: Kubelet, signal: AbortSignal): Promise<void> {
  const { clock, volumes, cgroups, log, directories } = services;
  while (!signal.aborted) {
    const { ready } = sources;
    if (ready) {
      const swept = sweepOrphans({ workers, volumes, cgroups, podLogs: directories.podLogs, log });
      await swept.catch((error: unknown) => log.warning('Failed to look for leftovers of unknown pods', { err: error }));
    }
    await clock.sleep(ready ? sweepEvery : 1_000, signal).catch(() => undefined);
  }
}

function allocatableOf({ facts }: NodeReporter): NodeAllocatable {
  return {
    milliCpu: (facts?.cpus ?? 1) * 1000,
    memory: facts?.memory ?? 0,
    ephemeralStorage: facts?.disk ?? 0,
  };
}

const stubResolver = /^nameserver\s+127\.0\.0\.53\s*$/m;

/** The file that pods inherit. systemd's stub resolver listens on the node's loopback only: its upstreams are used. */
async function readResolvConf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!stubResolver.test(text)) return text;
  return readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => text);
}
