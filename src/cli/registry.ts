import type { VerbEntry } from './command/verb.ts';

const begin = 'Basic Commands (Beginner)';
const intermediate = 'Basic Commands (Intermediate)';
const deploy = 'Deploy Commands';
const manage = 'Cluster Management Commands';
const debug = 'Troubleshooting and Debugging Commands';
const advanced = 'Advanced Commands';
const settings = 'Settings Commands';
const other = 'Other Commands';

/** Every verb of kubectl; a new one is a line here. Files are loaded only when their verb is called. */
export const verbs: readonly VerbEntry[] = [
  {
    name: 'create',
    group: begin,
    short: 'Create a resource from a file or from stdin',
    load: async () => (await import('./verbs/create.ts')).create,
  },
  {
    name: 'expose',
    group: begin,
    short: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
    load: async () => (await import('./verbs/expose.ts')).expose,
  },
  {
    name: 'run',
    group: begin,
    short: 'Run a particular image on the cluster',
    load: async () => (await import('./verbs/run.ts')).run,
  },
  {
    name: 'set',
    group: begin,
    short: 'Set specific features on objects',
    load: async () => (await import('./verbs/set.ts')).set,
  },
  {
    name: 'explain',
    group: intermediate,
    short: 'Get documentation for a resource',
    load: async () => (await import('./verbs/explain.ts')).explain,
  },
  {
    name: 'get',
    group: intermediate,
    short: 'Display one or many resources',
    load: async () => (await import('./verbs/get.ts')).get,
  },
  {
    name: 'edit',
    group: intermediate,
    short: 'Edit a resource on the server',
    load: async () => (await import('./verbs/edit.ts')).edit,
  },
  {
    name: 'delete',
    group: intermediate,
    short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
    load: async () => (await import('./verbs/delete.ts')).deleteVerb,
  },
  {
    name: 'rollout',
    group: deploy,
    short: 'Manage the rollout of a resource',
    load: async () => (await import('./verbs/rollout.ts')).rollout,
  },
  {
    name: 'scale',
    group: deploy,
    short: 'Set a new size for a deployment, replica set, or replication controller',
    load: async () => (await import('./verbs/scale.ts')).scale,
  },
  {
    name: 'certificate',
    group: manage,
    short: 'Modify certificate resources',
    load: async () => (await import('./verbs/certificate.ts')).certificate,
  },
  {
    name: 'cluster-info',
    group: manage,
    short: 'Display cluster information',
    load: async () => (await import('./verbs/cluster-info.ts')).clusterInfo,
  },
  {
    name: 'top',
    group: manage,
    short: 'Display resource (CPU/memory) usage',
    load: async () => (await import('./verbs/top.ts')).top,
  },
  {
    name: 'cordon',
    group: manage,
    short: 'Mark node as unschedulable',
    load: async () => (await import('./verbs/cordon.ts')).cordon,
  },
  {
    name: 'uncordon',
    group: manage,
    short: 'Mark node as schedulable',
    load: async () => (await import('./verbs/cordon.ts')).uncordon,
  },
  {
    name: 'drain',
    group: manage,
    short: 'Drain node in preparation for maintenance',
    load: async () => (await import('./verbs/drain.ts')).drain,
  },
  {
    name: 'taint',
    group: manage,
    short: 'Update the taints on one or more nodes',
    load: async () => (await import('./verbs/taint.ts')).taint,
  },
  {
    name: 'describe',
    group: debug,
    short: 'Show details of a specific resource or group of resources',
    load: async () => (await import('./verbs/describe.ts')).describe,
  },
  {
    name: 'logs',
    aliases: ['log'],
    group: debug,
    short: 'Print the logs for a container in a pod',
    load: async () => (await import('./verbs/logs.ts')).logs,
  },
  {
    name: 'attach',
    group: debug,
    short: 'Attach to a running container',
    load: async () => (await import('./verbs/attach.ts')).attach,
  },
  {
    name: 'exec',
    group: debug,
    short: 'Execute a command in a container',
    load: async () => (await import('./verbs/exec.ts')).exec,
  },
  {
    name: 'port-forward',
    group: debug,
    short: 'Forward one or more local ports to a pod',
    load: async () => (await import('./verbs/port-forward.ts')).portForward,
  },
  {
    name: 'cp',
    group: debug,
    short: 'Copy files and directories to and from containers',
    load: async () => (await import('./verbs/cp.ts')).cp,
  },
  {
    name: 'auth',
    group: debug,
    short: 'Inspect authorization',
    load: async () => (await import('./verbs/auth.ts')).auth,
  },
  { name: 'events', group: debug, short: 'List events', load: async () => (await import('./verbs/events.ts')).events },
  {
    name: 'diff',
    group: advanced,
    short: 'Diff the live version against a would-be applied version',
    load: async () => (await import('./verbs/diff.ts')).diff,
  },
  {
    name: 'apply',
    group: advanced,
    short: 'Apply a configuration to a resource by file name or stdin',
    load: async () => (await import('./verbs/apply.ts')).apply,
  },
  {
    name: 'patch',
    group: advanced,
    short: 'Update fields of a resource',
    load: async () => (await import('./verbs/patch.ts')).patch,
  },
  {
    name: 'replace',
    group: advanced,
    short: 'Replace a resource by file name or stdin',
    load: async () => (await import('./verbs/replace.ts')).replace,
  },
  {
    name: 'wait',
    group: advanced,
    short: 'Wait for a specific condition on one or many resources',
    load: async () => (await import('./verbs/wait.ts')).wait,
  },
  {
    name: 'label',
    group: settings,
    short: 'Update the labels on a resource',
    load: async () => (await import('./verbs/label.ts')).label,
  },
  {
    name: 'annotate',
    group: settings,
    short: 'Update the annotations on a resource',
    load: async () => (await import('./verbs/annotate.ts')).annotate,
  },
  {
    name: 'api-resources',
    group: other,
    short: 'Print the supported API resources on the server',
    load: async () => (await import('./verbs/api-resources.ts')).apiResources,
  },
  {
    name: 'api-versions',
    group: other,
    short: 'Print the supported API versions on the server, in the form of "group/version"',
    load: async () => (await import('./verbs/api-versions.ts')).apiVersions,
  },
  {
    name: 'config',
    group: other,
    short: 'Modify kubeconfig files',
    load: async () => (await import('./verbs/config.ts')).config,
  },
  {
    name: 'version',
    group: other,
    short: 'Print the client and server version information',
    load: async () => (await import('./verbs/version.ts')).version,
  },
];
