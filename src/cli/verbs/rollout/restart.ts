import { timestamp } from '../../../base/clock.ts';
import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import { qualifiedName } from '../../resource/discovery.ts';
import { valueAt } from '../../resource/kube-object.ts';
import type { FoundObject } from '../../resource/targets.ts';
import { changeRollouts, rolloutChangeFlags } from '../../rollout/change-rollout.ts';

const annotation = 'kubectl.kubernetes.io/restartedAt';

/** `kubectl rollout restart` */
export const rolloutRestart = defineVerb({
  usage: 'rollout restart RESOURCE',
  long: `Restart a resource.

     Resource rollout will be restarted.`,
  examples: `# Restart all deployments in the test-namespace namespace
kubectl rollout restart deployment -n test-namespace

# Restart a deployment
kubectl rollout restart deployment/nginx

# Restart deployments with the app=nginx label
kubectl rollout restart deployment --selector=app=nginx`,
  flags: rolloutChangeFlags,
  run(invocation) {
    const now = timestamp(invocation.io.clock.now());
    return changeRollouts(invocation, { operation: 'restarted', patchOf: (found) => restartPatch(found, now) });
  },
});

function restartPatch({ target, object }: FoundObject, now: string): unknown {
  const named = `${qualifiedName(target.resource)} "${target.name}"`;
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind)) {
    throw new CommandError(`${named} restarting is not supported`);
  }
  if (valueAt(object, 'spec', 'paused') === true) {
    throw new CommandError(`${named} can't restart paused deployment (run rollout resume first)`);
  }
  if (valueAt(object, 'spec', 'template', 'metadata', 'annotations', annotation) === now) {
    throw new CommandError(
      `failed to create patch for ${target.name}: if restart has already been triggered within the past second, please wait before attempting to trigger another`,
    );
  }
  return { spec: { template: { metadata: { annotations: { [annotation]: now } } } } };
}
