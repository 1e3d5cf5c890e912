import type { ConfigurationFile } from './configuration-file.ts';

/** Upstream's KubeProxyConfiguration, as far as there are flags for it. Source: kubeproxy.config.k8s.io/v1alpha1. */
export const kubeProxyConfiguration: ConfigurationFile = {
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  fields: {
    'clientConnection.kubeconfig': 'kubeconfig',
    hostnameOverride: 'hostname-override',
    mode: 'proxy-mode',
    clusterCIDR: 'cluster-cidr',
    detectLocalMode: 'detect-local-mode',
    'nftables.masqueradeAll': 'masquerade-all',
    nodePortAddresses: 'nodeport-addresses',
    healthzBindAddress: 'healthz-bind-address',
    metricsBindAddress: 'metrics-bind-address',
    'logging.verbosity': 'v',
    'logging.format': 'logging-format',
  },
  fixed: {
    bindAddressHardFail: [false, 'a port that can not be had is told in the log'],
    'logging.options.json.infoBufferSize': ['0', 'every line is written at once'],
    'logging.options.text.infoBufferSize': ['0', 'every line is written at once'],
  },
  zeroCounts: [],
};
