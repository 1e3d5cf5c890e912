import { parseLabelRequirements } from '../../../machinery/parse-label-requirements.ts';
import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';

const flags = {
  ...createFlags,
  'min-available': textFlag('The minimum number or percentage of available pods this budget requires.'),
  'max-unavailable': textFlag('The maximum number or percentage of unavailable pods this budget requires.'),
  selector: textFlag(
    'A label selector to use for this budget. Only equality-based selector requirements are supported.',
  ),
} as const;

/** `kubectl create poddisruptionbudget` */
export const createDisruptionBudget = defineVerb({
  usage: 'create poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]',
  long: 'Create a pod disruption budget with the specified name, selector, and desired minimum available pods.',
  examples: `# Create a pod disruption budget named my-pdb that will select all pods with the app=rails label
# and require at least one of them being available at any point in time
kubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1

# Create a pod disruption budget named my-pdb that will select all pods with the app=nginx label
# and require at least half of the pods selected to be available at any point in time
kubectl create pdb my-pdb --selector=app=nginx --min-available=50%`,
  flags,
  async run(invocation) {
    const { args, command, flags: given } = invocation;
    const name = requireName(args, command);
    const { selector, 'min-available': least, 'max-unavailable': most } = given;
    if (selector === '') throw new CommandError('a selector must be specified');
    if (least === '' && most === '')
      throw new CommandError('one of min-available or max-unavailable must be specified');
    if (least !== '' && most !== '') {
      throw new CommandError('min-available and max-unavailable cannot be both specified');
    }
    await createObject(invocation, 'PodDisruptionBudget', {
      metadata: { name },
      spec: {
        ...(least === '' ? {} : { minAvailable: amountOf(least) }),
        selector: { matchLabels: labelsOf(selector) },
        ...(most === '' ? {} : { maxUnavailable: amountOf(most) }),
      },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    });
  },
});

/** A number of pods, or a share of them. */
function amountOf(text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function labelsOf(selector: string): Readonly<Record<string, string>> {
  const pairs = parseLabelRequirements(selector).map(({ key, operator, values: [value = ''] }) => {
    if (operator !== '=') throw new CommandError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    return [key, value] as const;
  });
  return Object.fromEntries(pairs);
}
