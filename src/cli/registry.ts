import type { VerbEntry } from './command/verb.ts';

const begin = 'Basic Commands (Beginner)';
const intermediate = 'Basic Commands (Intermediate)';
const deploy = 'Deploy Commands';
const advanced = 'Advanced Commands';
const debug = 'Troubleshooting and Debugging Commands';
const settings = 'Settings Commands';

/** Every verb of kubectl; a new one is a line here. Files are loaded only when their verb is called. */
export const verbs: readonly VerbEntry[] = [
  { name: 'create', group: begin, short: 'Create a resource from a file or from stdin', load: async () => (await import('./verbs/create.ts')).create },
  { name: 'set', group: begin, short: 'Set specific features on objects', load: async () => (await import('./verbs/set.ts')).set },
  { name: 'get', group: intermediate, short: 'Display one or many resources', load: async () => (await import('./verbs/get.ts')).get },
  { name: 'delete', group: intermediate, short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector', load: async () => (await import('./verbs/delete.ts')).deleteVerb },
  { name: 'rollout', group: deploy, short: 'Manage the rollout of a resource', load: async () => (await import('./verbs/rollout.ts')).rollout },
  { name: 'scale', group: deploy, short: 'Set a new size for a deployment, replica set, or replication controller', load: async () => (await import('./verbs/scale.ts')).scale },
  { name: 'describe', group: debug, short: 'Show details of a specific resource or group of resources', load: async () => (await import('./verbs/describe.ts')).describe },
  { name: 'apply', group: advanced, short: 'Apply a configuration to a resource by file name or stdin', load: async () => (await import('./verbs/apply.ts')).apply },
  { name: 'patch', group: advanced, short: 'Update fields of a resource', load: async () => (await import('./verbs/patch.ts')).patch },
  { name: 'replace', group: advanced, short: 'Replace a resource by file name or stdin', load: async () => (await import('./verbs/replace.ts')).replace },
  { name: 'label', group: settings, short: 'Update the labels on a resource', load: async () => (await import('./verbs/label.ts')).label },
  { name: 'annotate', group: settings, short: 'Update the annotations on a resource', load: async () => (await import('./verbs/annotate.ts')).annotate },
];
