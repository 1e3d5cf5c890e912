import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { serve } from '../../host/serve-answers.ts';
import { addQuantities } from '../../machinery/quantity.ts';
import { defaultEvictionThresholds, defaultKubeletConfig } from '../../kubelet/kubelet-config.ts';
import type { KubeletConfig } from '../../kubelet/kubelet-config.ts';
import { UsageError } from '../config/cluster-config.ts';
import { pauseImageName } from '../images/pause-image.ts';
import { hostAddresses } from '../node-network.ts';
import { kubernetesVersion } from '../version.ts';
import { bringPauseImage } from './bring-pause-image.ts';
import { needed, readFlagFile } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { withConfiguration } from './configuration-file.ts';
import { openKubeletCertificates } from './kubelet-certificates.ts';
import { kubeletComponent } from './kubelet-component.ts';
import { kubeletConfiguration } from './kubelet-configuration.ts';
import { kubeletFlags } from './kubelet-flags.ts';
import type { KubeletFlags } from './kubelet-flags.ts';

/** Runs a kubelet alone until aborted; its containers run on. Throws UsageError. */
export async function runKubelet(values: KubeletFlags, context: ComponentContext): Promise<void> {
  const { clock, random, log, given, signal } = context;
  const path = values.config;
  const flags =
    path === undefined
      ? values
      : withConfiguration({ values, given }, kubeletFlags, { path, format: kubeletConfiguration });
  const kubeconfig = needed(
    flags.kubeconfig,
    '--kubeconfig',
    'it names the API server, and the identity system:node:<name>',
  );
  const config = kubeletConfig(flags);
  const clientCA = clientAuthority(flags);
  if (process.getuid?.() !== 0)
    throw new UsageError('the kubelet must run as root: it mounts volumes and makes cgroups');
  await using certificates = await openKubeletCertificates({ flags, kubeconfig, config, context });
  const { client, serving } = certificates;
  const server = { address: flags.address, port: config.port, serving, clientCA: () => clientCA };
  const runtimeEndpoint = flags['container-runtime-endpoint'];
  if (flags['pod-infra-container-image'] === undefined) await bringPauseImage(runtimeEndpoint, { clock, log, signal });
  const staticPods = flags['pod-manifest-path'];
  if (staticPods !== undefined) mkdirSync(staticPods, { recursive: true });
  await using _health = await serveHealthz(flags);
  const kubelet = kubeletComponent({
    ...{ client, clock, random, log, config, server, runtimeEndpoint },
    directories: { root: flags['root-dir'], podLogs: flags['pod-logs-dir'], staticPods },
  });
  await kubelet.run(signal);
}

function kubeletConfig(flags: KubeletFlags): KubeletConfig {
  const pids = flags['pod-max-pids'];
  return {
    ...defaultKubeletConfig,
    nodeName: (flags['hostname-override'] ?? hostname()).trim().toLowerCase(),
    nodeIP: needed(
      flags['node-ip'] ?? hostAddresses().primary,
      '--node-ip',
      'this machine has no address but those of loopback, so name one by which the API server and pods reach it',
    ),
    nodeLabels: flags['node-labels'],
    registerWithTaints: flags['register-with-taints'],
    registerNode: flags['register-node'],
    providerID: flags['provider-id'],
    clusterDNS: flags['cluster-dns'],
    clusterDomain: flags['cluster-domain'],
    resolvConf: flags['resolv-conf'],
    cgroupDriver: flags['cgroup-driver'],
    cgroupRoot: flags['cgroup-root'],
    pauseImage: flags['pod-infra-container-image'] ?? pauseImageName,
    maxPods: flags['max-pods'],
    podPidsLimit: pids > 0 ? pids : undefined,
    endpointWithdrawalTimeout: flags['endpoint-withdrawal-timeout'],
    containerLogMaxSize: flags['container-log-max-size'],
    containerLogMaxFiles: flags['container-log-max-files'],
    evictionHard: { ...defaultEvictionThresholds, ...flags['eviction-hard'] },
    reserved: sum(flags['kube-reserved'], flags['system-reserved']),
    version: kubernetesVersion,
    port: flags.port,
  };
}

type Quantities = Readonly<Record<string, string>>;

function sum(a: Quantities, b: Quantities): Quantities {
  const total = { ...a };
  for (const [name, quantity] of Object.entries(b)) total[name] = addQuantities(total[name] ?? '0', quantity);
  return total;
}

function clientAuthority(flags: KubeletFlags): string {
  const ca = needed(
    flags['client-ca-file'],
    '--client-ca-file',
    "the authority of the API server's client certificate; without it nobody could read logs",
  );
  return readFlagFile(ca, '--client-ca-file');
}

async function serveHealthz(flags: KubeletFlags): Promise<AsyncDisposable> {
  const { 'healthz-port': port, 'healthz-bind-address': address } = flags;
  if (port === 0) return new AsyncDisposableStack();
  const host = address.includes(':') ? `[${address}]` : address;
  try {
    return await serve(`${host}:${port}`, (path) =>
      path === '/healthz' ? { status: 200, type: 'text/plain; charset=utf-8', body: 'ok' } : undefined,
    );
  } catch (error) {
    throw new UsageError(
      `port ${port} of ${address} can't be had: another kubelet runs, or choose another --healthz-port`,
      {
        cause: error,
      },
    );
  }
}
