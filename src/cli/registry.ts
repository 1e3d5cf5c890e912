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
  { name: 'create', group: begin, short: 'Create a resource from a file or from stdin', load: async () => (await import('./verbs/create.ts')).create },
  { name: 'get', group: intermediate, short: 'Display one or many resources', load: async () => (await import('./verbs/get.ts')).get },
];
export const groups = [begin, intermediate, deploy, manage, debug, advanced, settings, other];
