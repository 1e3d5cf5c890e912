import { apiServerFlags, refusedApiServerFlags } from '../components/api-server-flags.ts';
import { componentCommand } from '../components/component-command.ts';

/** `kubets kube-apiserver`. */
export const kubeApiServerCommand = componentCommand({
  component: 'kube-apiserver',
  summary: "run an API server alone, with upstream's flags",
  flags: apiServerFlags,
  refused: refusedApiServerFlags,
  run: async (flags, context) => (await import('../components/run-api-server.ts')).runApiServer(flags, context),
});
