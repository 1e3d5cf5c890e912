import { hostname } from 'node:os';
import { createHttpClient } from '../../client/http-client.ts';
import { runCommand } from '../../host/run-command.ts';
import { createProxy } from '../../proxy/create-proxy.ts';
import { removeProxyRules } from '../../proxy/live-table.ts';
import { UsageError } from '../config/cluster-config.ts';
import type { ComponentContext } from './component-command.ts';
import { connectionOf } from './component-flags.ts';
import { withConfiguration } from './configuration-file.ts';
import { kubeProxyConfiguration } from './kube-proxy-configuration.ts';
import { kubeProxyFlags } from './kube-proxy-flags.ts';
import type { KubeProxyFlags } from './kube-proxy-flags.ts';

/** Runs a node's proxy alone until aborted; its rules stay. With `--cleanup` it removes them. Throws UsageError. */
export async function runKubeProxy(values: KubeProxyFlags, context: ComponentContext): Promise<void> {
  const { clock, random, log, given, signal } = context;
  const path = values.config;
  const flags =
    path === undefined
      ? values
      : withConfiguration({ values, given }, kubeProxyFlags, { path, format: kubeProxyConfiguration });
  const nodePorts = nodePortAddresses(flags['nodeport-addresses']);
  const connection = flags.cleanup ? undefined : await connectionOf(flags.kubeconfig);
  if (process.getuid?.() !== 0) throw new UsageError('kube-proxy must run as root: it changes rules of the kernel');
  if (!connection) return removeProxyRules(runCommand);
  await using client = createHttpClient({ ...connection, userAgent: 'kube-proxy' }, { clock });
  const proxy = createProxy({
    ...{ client, clock, random, log },
    nodeName: (flags['hostname-override'] ?? hostname()).trim().toLowerCase(),
    clusterCIDRs: flags['cluster-cidr'],
    masqueradeAll: flags['masquerade-all'],
    nodePortAddresses: nodePorts,
    healthzBindAddress: flags['healthz-bind-address'],
    metricsBindAddress: flags['metrics-bind-address'],
  });
  await proxy.run(signal);
}

function nodePortAddresses(given: readonly string[]): 'primary' | readonly string[] {
  if (!given.includes('primary')) return given.length === 0 ? 'primary' : given;
  if (given.length > 1) throw new UsageError('--nodeport-addresses must be either primary or networks, not both');
  return 'primary';
}
