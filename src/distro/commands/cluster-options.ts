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
    .option(
      '--etcd-servers <urls>',
      'keep the objects in etcd, with commas between its URLs; on several machines: one control plane (docs/high-availability.md)',
    )
    .option('--etcd-cafile <file>', "authority of etcd's certificate, PEM")
    .option('--etcd-certfile <file>', 'certificate to show to etcd, PEM')
    .option('--etcd-keyfile <file>', 'key of --etcd-certfile, PEM')
    .option('--etcd-prefix <prefix>', 'what the keys of this cluster begin with in etcd (default: /registry)')
    .option(
      '--encryption-provider-config <file>',
      "encrypt what is stored by upstream's EncryptionConfiguration (default: Secrets, by a key of the cluster; docs/encryption.md); in a cluster of several machines one tells the others",
    )
    .option(
      '--audit-policy-file <file>',
      "record requests by this audit Policy of upstream's, none to record nothing (default: kubets' own; docs/security.md)",
    )
    .option('--audit-log-path <file>', 'where they are recorded (default: <data-dir>/logs/audit/audit.log)')
    .option('--audit-log-maxage <days>', 'how long old audit logs are kept (default: 30)')
    .option('--audit-log-maxbackup <n>', 'how many old audit logs are kept (default: 10)')
    .option('--audit-log-maxsize <megabytes>', 'when a new audit log is begun (default: 100)')
    .option('--audit-log-mode <mode>', 'blocking, blocking-strict or batch (default: batch)')
    .option(
      '--authentication-config <file>',
      "believe tokens of other issuers by upstream's AuthenticationConfiguration (docs/security.md)",
    )
    .option(
      '--authentication-token-webhook-config-file <file>',
      'kubeconfig of a webhook that is asked whose tokens are',
    )
    .option(
      '--authorization-config <file>',
      "ask others too what users may do, by upstream's AuthorizationConfiguration (docs/security.md)",
    )
    .option('--audit-webhook-config-file <file>', 'kubeconfig of a collector to which audit events also go')
    .option(
      '--admission-control-config-file <file>',
      "configure admission by upstream's AdmissionConfiguration: what pods may do by default, and more (docs/security.md)",
    )
    .option('--enable-admission-plugins <names>', 'admission plug-ins to use besides the usual ones')
    .option('--disable-admission-plugins <names>', 'admission plug-ins to leave out')
    .option('--server <url>', 'join the cluster of this API server, as a node without a control plane')
    .option(
      '--token-file <file>',
      'the token to join with: a copy of <data-dir>/token for --etcd-servers, of <data-dir>/node-token for --server; or set KUBETS_TOKEN',
    )
    .option(
      '--node-name <name>',
      "name of this machine's node (default: node-1, or the host's name in a cluster of several machines)",
    )
    .option('--node-ip <address>', 'address by which other machines reach this one (default: its first)')
    .option(
      '--balancer-port <port>',
      'port of 127.0.0.1 that leads to a live API server, in a cluster of several machines (default: 6444)',
    )
    .option(
      '--snapshot-schedule-cron <schedule>',
      'when to take snapshots of the store, in UTC; empty for never (default: "0 */12 * * *"; docs/backup.md)',
    )
    .option('--snapshot-retention <n>', 'how many of those snapshots to keep (default: 5)')
    .option('--snapshot-dir <folder>', 'where they go; best on another disk (default: <data-dir>/snapshots)')
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
      etcdServers: options.etcdServers,
      etcdCafile: options.etcdCafile,
      etcdCertfile: options.etcdCertfile,
      etcdKeyfile: options.etcdKeyfile,
      etcdPrefix: options.etcdPrefix,
      encryptionProviderConfig: options.encryptionProviderConfig,
      auditPolicyFile: options.auditPolicyFile,
      auditLogPath: options.auditLogPath,
      auditLogMaxage: options.auditLogMaxage,
      auditLogMaxbackup: options.auditLogMaxbackup,
      auditLogMaxsize: options.auditLogMaxsize,
      auditLogMode: options.auditLogMode,
      auditWebhookConfigFile: options.auditWebhookConfigFile,
      authenticationConfig: options.authenticationConfig,
      authenticationTokenWebhookConfigFile: options.authenticationTokenWebhookConfigFile,
      authorizationConfig: options.authorizationConfig,
      admissionControlConfigFile: options.admissionControlConfigFile,
      enableAdmissionPlugins: options.enableAdmissionPlugins,
      disableAdmissionPlugins: options.disableAdmissionPlugins,
      server: options.server,
      tokenFile: options.tokenFile,
      nodeName: options.nodeName,
      nodeIP: options.nodeIp,
      balancerPort: options.balancerPort,
      snapshotScheduleCron: options.snapshotScheduleCron,
      snapshotRetention: options.snapshotRetention,
      snapshotDir: options.snapshotDir,
    },
    typeof config === 'string' ? config : undefined,
  );
}

/** The data directory that an option names, or the default. */
export function dataDirFrom(options: Readonly<Record<string, unknown>>): string {
  return clusterConfig({ dataDir: options.dataDir }, undefined).dataDir;
}
