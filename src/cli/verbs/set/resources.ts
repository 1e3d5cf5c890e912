import { changePodTemplates, matchesPattern, setFlags } from '../../change/pod-template-verb.ts';
import type { EditableContainer } from '../../change/pod-template-verb.ts';
import { CommandError } from '../../command/command-error.ts';
import { textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { parseQuantity } from '../../../machinery/quantity.ts';

const flags = {
  ...setFlags,
  containers: textFlag(
    'The names of containers in the selected pod templates to change, all containers are selected by default - may use wildcards',
    { short: 'c', initial: '*' },
  ),
  limits: textFlag("The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'."),
  requests: textFlag("The resource requirement requests for this container.  For example, 'cpu=100m,memory=256Mi'."),
} as const;

/** `kubectl set resources` */
export const setResources = defineVerb({
  usage: 'set resources (-f FILENAME | TYPE NAME)  ([--limits=LIMITS & --requests=REQUESTS]',
  long: `Specify compute resource requirements (CPU, memory) for any resource that defines a pod template. If a pod is successfully scheduled, it is guaranteed the amount of resource requested, but may burst up to its specified limits.`,
  examples: `# Set a deployments nginx container cpu limits to "200m" and memory to "512Mi"
kubectl set resources deployment nginx -c=nginx --limits=cpu=200m,memory=512Mi

# Remove the resource requests for resources on containers in nginx
kubectl set resources deployment nginx --limits=cpu=0,memory=0 --requests=cpu=0,memory=0`,
  flags,
  async run(invocation) {
    const { args, flags: given } = invocation;
    if (!given.limits && !given.requests) {
      throw new CommandError('you must specify an update to requests or limits (in the form of --requests/--limits)');
    }
    const limits = quantitiesOf(given.limits);
    const requests = quantitiesOf(given.requests);
    const update = (container: EditableContainer): EditableContainer => {
      if (!matchesPattern(container.name, given.containers)) return container;
      const resources = (container['resources'] ?? {}) as { limits?: object; requests?: object };
      return {
        ...container,
        resources: {
          ...resources,
          ...(limits ? { limits: { ...resources.limits, ...limits } } : {}),
          ...(requests ? { requests: { ...resources.requests, ...requests } } : {}),
        },
      };
    };
    await changePodTemplates(invocation, {
      args,
      operation: 'resource requirements updated',
      change: (spec) => ({ ...spec, containers: (spec.containers ?? []).map(update) }),
    });
  },
});

function quantitiesOf(text: string): Readonly<Record<string, string>> | undefined {
  if (text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', quantity = '', ...more] = part.split('=');
      if (!name || !quantity || more.length > 0)
        throw new CommandError(`invalid argument syntax ${part}, expected <resource>=<value>`);
      parseQuantity(quantity);
      return [name, quantity];
    }),
  );
}
