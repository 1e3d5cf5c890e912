import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { defineVerb } from '../../command/verb.ts';

/** `kubectl create serviceaccount` */
export const createServiceAccount = defineVerb({
  usage: 'create serviceaccount NAME [--dry-run=server|client|none]',
  long: 'Create a service account with the specified name.',
  examples: `# Create a new service account named my-service-account
kubectl create serviceaccount my-service-account`,
  flags: createFlags,
  async run(invocation) {
    await createObject(invocation, 'ServiceAccount', {
      metadata: { name: requireName(invocation.args, invocation.command) },
    });
  },
});
