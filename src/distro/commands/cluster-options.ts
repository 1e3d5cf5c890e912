import type { Command } from 'commander';
import { clusterConfig } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/** Adds the options that say which cluster is meant, and for `up` what it looks like. */
export function addClusterOptions(command: Command): void {
  addDataDirOption(command)
    .option(
      '--nodes <n>',
      'nodes on this machine; each of several has its own network namespace and containerd (default: 1)',
    )
    .option('--api-port <port>', 'TCP port of the API server (default: 6443)')
    .option(
      '--kubeconfig <file>',
      "also write the administrator's kubeconfig here; it always lies at <data-dir>/admin.kubeconfig",
    )
    .option('--config <file>', 'YAML file with the same settings; options win over it')
    .option('--pod-infra-container-image <image>', 'use this pause image instead of the built-in one')
    .option('--cluster-cidr <range>', 'addresses of pods (default: 10.244.0.0/16)')
    .option('--service-cidr <range>', 'addresses of Services (default: 10.96.0.0/16)')
    .option('--node-cidr <range>', 'addresses of the nodes, when there are several (default: 10.89.0.0/24)')
    .option('--cluster-domain <name>', 'domain of cluster DNS (default: cluster.local)')
    .option('--pod-manifest-path <folder>', 'folder of static pods (default: <data-dir>/nodes/<node>/manifests)')
    .option('-v, --v <level>', "verbosity of the components' logs, 0 to 10 (default: 2)");
}

/** Adds `--data-dir`, for commands about a cluster that exists. */
export function addDataDirOption(command: Command): Command {
  return command.option('--data-dir <folder>', 'where everything of the cluster lies (default: /var/lib/kubets)');
}

/** The configuration that options and `--config` amount to. Throws UsageError. */
export function configFrom(options: Readonly<Record<string, unknown>>): ClusterConfig {
  const config = options.config;
  return clusterConfig(
    {
      dataDir: options.dataDir,
      nodes: options.nodes,
      apiPort: options.apiPort,
      kubeconfig: options.kubeconfig,
      podInfraContainerImage: options.podInfraContainerImage,
      clusterCIDR: options.clusterCidr,
      serviceCIDR: options.serviceCidr,
      nodeCIDR: options.nodeCidr,
      clusterDomain: options.clusterDomain,
      staticPodPath: options.podManifestPath,
      verbosity: options.v,
    },
    typeof config === 'string' ? config : undefined,
  );
}

/** The data directory that an option names, or the default. */
export function dataDirFrom(options: Readonly<Record<string, unknown>>): string {
  return clusterConfig({ dataDir: options.dataDir }, undefined).dataDir;
}
