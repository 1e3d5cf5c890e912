import { componentCommand } from '../components/component-command.ts';
import { kubeletFlags, refusedKubeletFlags } from '../components/kubelet-flags.ts';

/** `kubets kubelet`. */
export const kubeletCommand = componentCommand({
  component: 'kubelet',
  summary: "run the kubelet of this machine alone, with upstream's flags",
  flags: kubeletFlags,
  refused: refusedKubeletFlags,
  run: async (flags, context) => (await import('../components/run-kubelet.ts')).runKubelet(flags, context),
});
