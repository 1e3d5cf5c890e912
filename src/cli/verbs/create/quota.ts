import { messageOf } from '../../../base/errors.ts';
import { canonicalQuantity } from '../../../machinery/quantity.ts';
import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';

const flags = {
  ...createFlags,
  hard: textFlag('A comma-delimited set of resource=quantity pairs that define a hard limit.'),
  scopes: textFlag('A comma-delimited set of quota scopes that must all match each object tracked by the quota.'),
} as const;

/** `kubectl create quota` */
export const createQuota = defineVerb({
  usage: 'create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  long: 'Create a resource quota with the specified name, hard limits, and optional scopes.',
  examples: `# Create a new resource quota named my-quota
kubectl create quota my-quota --hard=cpu=1,memory=1G,pods=2,services=3,replicationcontrollers=2,resourcequotas=1,secrets=5,persistentvolumeclaims=10

# Create a new resource quota named best-effort
kubectl create quota best-effort --hard=pods=100 --scopes=BestEffort`,
  flags,
  async run(invocation) {
    const { args, command, flags: given } = invocation;
    const name = requireName(args, command);
    const hard = given.hard === '' ? {} : { hard: amountsOf(given.hard) };
    const scopes = given.scopes === '' ? {} : { scopes: given.scopes.split(',') };
    await createObject(invocation, 'ResourceQuota', { metadata: { name }, spec: { ...hard, ...scopes }, status: {} });
  },
});

function amountsOf(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((statement) => {
    const [resource = '', amount, ...more] = statement.split('=');
    if (amount === undefined || more.length > 0) {
      throw new CommandError(`Invalid argument syntax ${statement}, expected <resource>=<value>`);
    }
    return [resource, amountOf(amount)] as const;
  });
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function amountOf(text: string): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    // It is not the server that refuses it.
    throw new CommandError(messageOf(error), { cause: error });
  }
}
