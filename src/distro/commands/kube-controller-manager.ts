import { componentCommand } from '../components/component-command.ts';
import { controllerManagerFlags, refusedControllerManagerFlags } from '../components/controller-manager-flags.ts';

/** `kubets kube-controller-manager`. */
export const kubeControllerManagerCommand = componentCommand({
  component: 'kube-controller-manager',
  summary: "run the controllers alone, with upstream's flags",
  flags: controllerManagerFlags,
  refused: refusedControllerManagerFlags,
  run: async (flags, context) =>
    (await import('../components/run-controller-manager.ts')).runControllerManager(flags, context),
});
