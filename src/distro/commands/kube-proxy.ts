import { componentCommand } from '../components/component-command.ts';
import { kubeProxyFlags, refusedKubeProxyFlags } from '../components/kube-proxy-flags.ts';

/** `kubets kube-proxy`. */
export const kubeProxyCommand = componentCommand({
  component: 'kube-proxy',
  summary: "run the proxy of this machine alone, with upstream's flags",
  flags: kubeProxyFlags,
  refused: refusedKubeProxyFlags,
  run: async (flags, context) => (await import('../components/run-kube-proxy.ts')).runKubeProxy(flags, context),
});
