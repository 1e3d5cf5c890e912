import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import { qualifiedName } from '../../resource/discovery.ts';
import { valueAt } from '../../resource/kube-object.ts';
import type { FoundObject } from '../../resource/targets.ts';
import { changeRollouts, rolloutChangeFlags } from '../../rollout/change-rollout.ts';

/** `kubectl rollout pause` */
export const rolloutPause = defineVerb({
  usage: 'rollout pause RESOURCE',
  long: `Mark the provided resource as paused.

 Paused resources will not be reconciled by a controller. Use "kubectl rollout resume" to resume a paused resource. Currently only deployments support being paused.`,
  examples: `# Mark the nginx deployment as paused
# Any current state of the deployment will continue its function; new updates
# to the deployment will not have an effect as long as the deployment is paused
kubectl rollout pause deployment/nginx`,
  flags: rolloutChangeFlags,
  run: (invocation) =>
    changeRollouts(invocation, { operation: 'paused', patchOf: (found) => pausedPatch(found, true) }),
});

/** `kubectl rollout resume` */
export const rolloutResume = defineVerb({
  usage: 'rollout resume RESOURCE',
  long: `Resume a paused resource.

 Paused resources will not be reconciled by a controller. By resuming a resource, we allow it to be reconciled again. Currently only deployments support being resumed.`,
  examples: `# Resume an already paused deployment
kubectl rollout resume deployment/nginx`,
  flags: rolloutChangeFlags,
  run: (invocation) =>
    changeRollouts(invocation, { operation: 'resumed', patchOf: (found) => pausedPatch(found, false) }),
});

function pausedPatch({ target, object }: FoundObject, paused: boolean): unknown {
  const named = `${qualifiedName(target.resource)} "${target.name}"`;
  if (object.kind !== 'Deployment')
    throw new CommandError(`${named} ${paused ? 'pausing' : 'resuming'} is not supported`);
  const now = valueAt(object, 'spec', 'paused') === true;
  if (now === paused) throw new CommandError(`${named} ${paused ? 'is already paused' : 'is not paused'}`);
  return { spec: { paused: paused ? true : null } };
}
