import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { defineVerb } from '../../command/verb.ts';

/** `kubectl create namespace` */
export const createNamespace = defineVerb({
  usage: 'create namespace NAME [--dry-run=server|client|none]',
  long: 'Create a namespace with the specified name.',
  examples: `# Create a new namespace named my-namespace
kubectl create namespace my-namespace`,
  flags: createFlags,
  async run(invocation) {
    const name = requireName(invocation.args, invocation.command);
    await createObject(invocation, 'Namespace', { metadata: { name }, spec: {}, status: {} });
  },
});
