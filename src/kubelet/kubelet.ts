import type { Component } from '../base/component.ts';
import { rotateLogsForever } from './files/log-rotation.ts';
import type { KubeletOptions } from './kubelet-options.ts';
import { KubeletParts, prepareMachine } from './kubelet-parts.ts';
import { renewLeaseForever } from './node/node-lease.ts';
import { sweepOrphans } from './pod/orphan-sweep.ts';
import { runKubeletServer } from './server/kubelet-server.ts';

export type { KubeletOptions } from './kubelet-options.ts';

const sweepEvery = 60_000;
const lookForSources = 1_000;

/** A node's agent: registers the node and runs the pods that are bound to it. Containers outlive it. */
export function createKubelet(options: KubeletOptions): Component {
  return { name: 'kubelet', run: (signal) => runKubelet(options, signal) };
}

async function runKubelet(options: KubeletOptions, outer: AbortSignal): Promise<void> {
  // A part that fails must not leave the others running behind a component that has ended.
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const parts = new KubeletParts(options, await prepareMachine(options), signal);
  const { services, workers } = parts;
  announce(parts);
  const fail = (error: unknown): never => {
    failed.abort(error);
    throw error;
  };
  const results = await Promise.allSettled(runAll(options, parts, signal).map((part) => part.catch(fail)));
  await Promise.all([workers.settle(), services.statuses.settle(), services.objects.stop()]);
  const broken = results.find((result) => result.status === 'rejected');
  if (broken && !outer.aborted) throw broken.reason;
}

function announce({ services }: KubeletParts): void {
  const { config, events, log } = services;
  const about = { apiVersion: 'v1', kind: 'Node', metadata: { name: config.nodeName, uid: config.nodeName } };
  events.record(about, { type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' });
  log.info('Started kubelet', { node: config.nodeName, version: config.version });
}

function runAll(options: KubeletOptions, parts: KubeletParts, signal: AbortSignal): readonly Promise<void>[] {
  const { services, sources, workers, node, watch, servicesInformer, nodeInformer } = parts;
  const { config, client, clock, log } = services;
  return [
    node.run(signal),
    renewLeaseForever({ nodeName: config.nodeName, nodeUid: () => node.uid, client, clock, log }, signal),
    sources.run(signal),
    servicesInformer.run(signal),
    nodeInformer.run(signal),
    watch.run(signal),
    sweepForever(parts, signal),
    rotateLogsForever(services, signal),
    // Only a hint for the operator: a runtime that does not answer yet is reported elsewhere.
    services.pauseImage.compareWithRuntime(signal).catch(() => undefined),
    ...(options.server ? [runKubeletServer(options.server, { services, workers }, signal)] : []),
  ];
}

async function sweepForever({ sources, workers, services }: KubeletParts, signal: AbortSignal): Promise<void> {
  const { clock, volumes, cgroups, log, directories } = services;
  while (!signal.aborted) {
    const { ready } = sources;
    if (ready) {
      const swept = sweepOrphans({ workers, volumes, cgroups, podLogs: directories.podLogs, log });
      await swept.catch((error: unknown) =>
        log.warning('Failed to look for leftovers of unknown pods', { err: error }),
      );
    }
    await clock.sleep(ready ? sweepEvery : lookForSources, signal).catch(() => undefined);
  }
}
