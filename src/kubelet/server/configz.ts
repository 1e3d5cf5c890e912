import { crashLimits } from '../pod/crash-back-off.ts';
import type { EvictionThresholds, KubeletConfig, KubeletDirectories } from '../kubelet-config.ts';

/**
 * /configz: what the kubelet goes by, as upstream's KubeletConfiguration says it; fields for which it has no choice of its
 * own are left out. What is held back from pods is told as one. Source: kubelet.config.k8s.io/v1beta1.
 */
export function configz(
  config: KubeletConfig,
  directories: Pick<KubeletDirectories, 'podLogs' | 'staticPods'>,
): object {
  return {
    kubeletconfig: {
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      enableServer: true,
      port: config.port,
      staticPodPath: directories.staticPods,
      podLogsDir: directories.podLogs,
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true, cacheTTL: '2m0s' }, x509: {} },
      authorization: {
        mode: 'Webhook',
        webhook: { cacheAuthorizedTTL: '5m0s', cacheUnauthorizedTTL: '30s' },
      },
      registerNode: config.registerNode ?? true,
      registerWithTaints: config.registerWithTaints,
      providerID: config.providerID,
      clusterDomain: config.clusterDomain,
      clusterDNS: config.clusterDNS,
      resolvConf: config.resolvConf,
      maxPods: config.maxPods,
      podPidsLimit: config.podPidsLimit ?? -1,
      cgroupRoot: config.cgroupRoot,
      cgroupsPerQOS: true,
      cgroupDriver: config.cgroupDriver,
      cpuManagerPolicy: 'none',
      memoryManagerPolicy: 'None',
      topologyManagerPolicy: 'none',
      cpuCFSQuota: true,
      cpuCFSQuotaPeriod: '100ms',
      failSwapOn: false,
      serializeImagePulls: false,
      enableDebuggingHandlers: true,
      evictionHard: evictionHard(config.evictionHard),
      kubeReserved: config.reserved ?? {},
      enforceNodeAllocatable: ['pods'],
      containerLogMaxSize: `${config.containerLogMaxSize}`,
      containerLogMaxFiles: config.containerLogMaxFiles,
      crashLoopBackOff: { maxContainerRestartPeriod: `${crashLimits.max / 1000}s` },
    },
  };
}

function evictionHard(thresholds: EvictionThresholds): Readonly<Record<string, string>> {
  const percent = (fraction: number): string => `${Number((fraction * 100).toFixed(4))}%`;
  return {
    'memory.available': String(thresholds.memoryAvailableBytes),
    'nodefs.available': percent(thresholds.nodefsAvailableFraction),
    'nodefs.inodesFree': percent(thresholds.nodefsInodesFreeFraction),
    'pid.available': String(thresholds.pidsAvailable),
  };
}
