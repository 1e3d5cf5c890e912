import { defineVerb } from '../command/verb.ts';

/** `kubectl config` */
export const config = defineVerb({
  usage: 'config SUBCOMMAND',
  long: `Modify kubeconfig files using subcommands like "kubectl config set current-context my-context".

 The loading order follows these rules:

  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.
  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged.
  3.  Otherwise, \${HOME}/.kube/config is used and no merging takes place.`,
  flags: {},
  subcommands: [
    {
      name: 'current-context',
      short: 'Display the current-context',
      load: async () => (await import('./config/show.ts')).currentContext,
    },
    {
      name: 'delete-context',
      short: 'Delete the specified context from the kubeconfig',
      load: async () => (await import('./config/change.ts')).deleteContext,
    },
    {
      name: 'get-clusters',
      short: 'Display clusters defined in the kubeconfig',
      load: async () => (await import('./config/show.ts')).getClusters,
    },
    {
      name: 'get-contexts',
      short: 'Describe one or many contexts',
      load: async () => (await import('./config/show.ts')).getContexts,
    },
    {
      name: 'get-users',
      short: 'Display users defined in the kubeconfig',
      load: async () => (await import('./config/show.ts')).getUsers,
    },
    {
      name: 'set-context',
      short: 'Set a context entry in kubeconfig',
      load: async () => (await import('./config/change.ts')).setContext,
    },
    {
      name: 'use-context',
      aliases: ['use'],
      short: 'Set the current-context in a kubeconfig file',
      load: async () => (await import('./config/change.ts')).useContext,
    },
    {
      name: 'view',
      short: 'Display merged kubeconfig settings or a specified kubeconfig file',
      load: async () => (await import('./config/view.ts')).view,
    },
  ],
});
