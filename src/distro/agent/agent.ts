import { mkdirSync } from 'node:fs';
import type { Component } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import type { Client } from '../../client/client.ts';
import { defaultKubeletConfig } from '../../kubelet/kubelet-config.ts';
import type { KubeletConfig } from '../../kubelet/kubelet-config.ts';
import { createNetwork } from '../../network/create-network.ts';
import { createProxy } from '../../proxy/create-proxy.ts';
import { kubeletComponent } from '../components/kubelet-component.ts';
import { containerdPaths } from '../containerd/containerd-config.ts';
import { startContainerd } from '../containerd/start-containerd.ts';
import type { ContainerdOptions } from '../containerd/start-containerd.ts';
import { preloadedArchives } from '../images/cluster-images.ts';
import { loadImage } from '../images/node-images.ts';
import { trimMemory } from '../process/trim-memory.ts';
import { createFileLogger } from '../process/log-file.ts';
import { isAlive, readRecords } from '../process/process-record.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import { kubernetesVersion } from '../version.ts';
import { StatusReport } from './agent-status.ts';
import { startApiBalancer } from './api-balancer.ts';
import type { ApiBalancerOptions } from './api-balancer.ts';
import { untilDnsAnswers } from './dns-probe.ts';
import { untilNameIsFree } from './free-name.ts';
import { NodeIdentity } from './node-identity.ts';

interface Agent extends ApiBalancerOptions {
  readonly report: StatusReport;
  logger(component: string): Logger;
}

/**
 * Runs a node until aborted: its containerd, its network, kubelet and proxy. Containers and containerd outlive it: the
 * next agent of the node takes them over.
 */
export async function runAgent(dataDir: string, nodeName: string, signal: AbortSignal): Promise<void> {
  const { plan, layout } = requirePlan(dataDir);
  const node = plan.nodes.find(({ name }) => name === nodeName);
  if (!node) throw new Error(`the cluster in ${dataDir} has no node ${nodeName}`);
  const clock = systemClock;
  const logger = (component: string): Logger =>
    createFileLogger({
      component: plan.nodes.length === 1 ? component : `${component}-${node.name}`,
      directory: layout.logs,
      verbosity: plan.config.verbosity,
      clock,
    });
  const report = new StatusReport(layout, node.name, clock);
  const log = logger('agent');
  await using identity = await NodeIdentity.open({ plan, layout, node, clock, log, signal });
  const agent = { plan, layout, node, clock, log, signal, identity, report, logger };
  // Before all else: kubectl uses it too, whatever becomes of this node.
  await using _balancer = await startApiBalancer(agent);
  await prepare(agent);
  await Promise.all([
    ...assemble(agent).map((component) => runComponent(component, agent)),
    identity.run(signal),
    guardContainerd(agent),
    trimMemory(clock, signal),
    untilDnsAnswers({ server: plan.dnsServiceIP, domain: plan.config.clusterDomain, clock, signal }).then(() =>
      report.dnsAnswered(),
    ),
  ]);
}

async function prepare(agent: Agent): Promise<void> {
  const { layout, node, report, clock, signal } = agent;
  mkdirSync(layout.node(node.name).staticPods, { recursive: true });
  const { socket } = await report.step('starts containerd', () => startContainerd(containerdOptions(agent)));
  await report.step('loads images', async () => {
    const loads = preloadedArchives(layout).map((archive) => loadImage([{ socket }], archive, { clock, signal }));
    await Promise.all(loads);
  });
  report.at('waits for the API server');
}

function containerdOptions({ plan, layout, node, clock, signal }: Agent): ContainerdOptions {
  const name = `containerd-${node.name}`;
  return {
    name,
    directory: layout.node(node.name).containerd,
    runDirectory: layout.run,
    logFile: layout.file('logs', `${name}.log`),
    sandboxImage: plan.pauseImage,
    cniConfDir: layout.node(node.name).cni,
    registries: plan.config.registries,
    clock,
    signal,
  };
}

function assemble(agent: Agent): readonly Component[] {
  const { plan, layout, node, clock, logger, identity } = agent;
  const random = systemRandom;
  const places = layout.node(node.name);
  const client = identity.client('kubelet', 'kubelet');
  const proxyClient = identity.client('kube-proxy', 'kube-proxy');
  const kubelet = kubeletComponent({
    config: kubeletConfig(agent),
    directories: {
      root: places.kubelet,
      podLogs: places.podLogs,
      staticPods: plan.config.staticPodPath ?? places.staticPods,
    },
    server: {
      address: '0.0.0.0',
      port: defaultKubeletConfig.port,
      serving: identity.serving,
      clientCA: () => identity.ca,
    },
    runtimeEndpoint: `unix://${containerdPaths(places.containerd).socket}`,
    ...{ client, clock, random, log: logger('kubelet') },
  });
  const network = createNetwork({
    nodeName: node.name,
    nodeAddress: node.address,
    clusterCIDR: plan.config.clusterCIDR,
    serviceCIDR: plan.config.serviceCIDR,
    cniConfDir: places.cni,
    cniDataDir: `${places.root}/cni-data`,
    // A node reads no other Nodes; its proxy may.
    ...{ client, reader: proxyClient, clock, random, log: logger('network') },
  });
  const proxy = createProxy({
    nodeName: node.name,
    clusterCIDRs: [plan.config.clusterCIDR],
    ...{ client: proxyClient, clock, random, log: logger('kube-proxy') },
  });
  return [network, proxy, withFreeName(kubelet, client, agent)];
}

/** In a cluster of several machines the kubelet begins only when no other has its name. */
function withFreeName(kubelet: Component, client: Client, agent: Agent): Component {
  const { plan, layout, node, clock, report } = agent;
  if (plan.balancerPort === undefined) return kubelet;
  const name = 'name of the node';
  const problem = (text: string): void => report.failed(name, text);
  return {
    ...kubelet,
    async run(signal) {
      await untilNameIsFree({ client, node, kubeletDirectory: layout.node(node.name).kubelet, clock, signal, problem });
      report.solved(name);
      await kubelet.run(signal);
    },
  };
}

function kubeletConfig({ plan, node }: Agent): KubeletConfig {
  return {
    ...defaultKubeletConfig,
    nodeName: node.name,
    nodeIP: node.address,
    clusterDNS: [plan.dnsServiceIP],
    clusterDomain: plan.config.clusterDomain,
    cgroupRoot: `/kubets-${plan.id}/${node.name}`,
    pauseImage: plan.pauseImage,
    // Until another controller manager leads, nobody withdraws endpoints; a little is left of the usual 30 s for SIGTERM.
    ...(plan.balancerPort === undefined ? {} : { endpointWithdrawalTimeout: 25_000 }),
    version: kubernetesVersion,
  };
}

/** A component that fails is begun again: the others go on meanwhile. */
async function runComponent(component: Component, { clock, log, signal, report }: Agent): Promise<void> {
  while (!signal.aborted) {
    try {
      await component.run(signal);
      report.solved(component.name);
    } catch (error) {
      if (signal.aborted) return;
      log.error('A component failed and is begun again', { part: component.name, err: error });
      report.failed(component.name, messageOf(error));
    }
    if (!signal.aborted) await clock.sleep(1_000, signal).catch(() => undefined);
  }
}

const guardEvery = 500;

/** Starts containerd again when it has died; its containers run on meanwhile. */
async function guardContainerd(agent: Agent): Promise<void> {
  const { layout, node, clock, log, signal, report } = agent;
  const name = `containerd-${node.name}`;
  while (!signal.aborted) {
    await clock.sleep(guardEvery, signal).catch(() => undefined);
    if (signal.aborted || readRecords(layout.run).some((record) => record.name === name && isAlive(record))) continue;
    log.warning('containerd is gone and is started again', { node: node.name });
    try {
      await startContainerd(containerdOptions(agent));
      report.solved('containerd');
    } catch (error) {
      log.error('containerd could not be started', { node: node.name, err: error });
      report.failed('containerd', messageOf(error));
    }
  }
}
