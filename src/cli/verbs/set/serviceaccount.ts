import { changePodTemplates, setFlags } from '../../change/pod-template-verb.ts';
import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';

/** `kubectl set serviceaccount` */
export const setServiceAccount = defineVerb({
  usage: 'set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  long: 'Update the service account of pod template resources.',
  examples: `# Set deployment nginx-deployment's service account to serviceaccount1
kubectl set serviceaccount deployment nginx-deployment serviceaccount1`,
  flags: setFlags,
  async run(invocation) {
    const name = invocation.args.at(-1);
    if (name === undefined) throw new CommandError('serviceaccount is required');
    await changePodTemplates(invocation, {
      args: invocation.args.slice(0, -1),
      operation: 'serviceaccount updated',
      change: (spec) => ({ ...spec, serviceAccountName: name, serviceAccount: name }),
    });
  },
});
