import { randomSuffix } from '../../../base/random.ts';
import { systemRandom } from '../../../base/system-random.ts';
import { CommandError } from '../../command/command-error.ts';
import { createFlags, createObject } from '../../change/create-object.ts';
import { intFlag, sliceFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';

const flags = {
  ...createFlags,
  image: sliceFlag('Image names to run. A deployment can have multiple images set for multi-container pod.'),
  port: intFlag('The containerPort that this deployment exposes.', { initial: -1 }),
  replicas: intFlag('Number of replicas to create. Default is 1.', { short: 'r', initial: 1 }),
} as const;

/** `kubectl create deployment` */
export const createDeployment = defineVerb({
  usage: 'create deployment NAME --image=image -- [COMMAND] [args...]',
  long: 'Create a deployment with the specified name.',
  examples: `# Create a deployment named my-dep that runs the busybox image
kubectl create deployment my-dep --image=busybox

# Create a deployment with a command
kubectl create deployment my-dep --image=busybox -- date

# Create a deployment named my-dep that runs the nginx image with 3 replicas
kubectl create deployment my-dep --image=nginx --replicas=3

# Create a deployment named my-dep that runs the busybox image and expose port 5701
kubectl create deployment my-dep --image=busybox --port=5701

# Create a deployment named my-dep that runs multiple containers
kubectl create deployment my-dep --image=busybox:latest --image=ubuntu:latest --image=nginx`,
  flags,
  async run(invocation) {
    const { args, dash, flags: given, command } = invocation;
    const names = dash === undefined ? args : args.slice(0, dash);
    const [name] = names;
    if (name === undefined || names.length > 1) {
      throw new CommandError(
        `exactly one NAME is required, got ${names.length}\nSee '${command} -h' for help and examples`,
      );
    }
    const override = dash === undefined ? [] : args.slice(dash);
    if (given.image.length === 0) throw new CommandError('required flag(s) "image" not set');
    if (given.image.length > 1 && override.length > 0) {
      throw new CommandError('cannot specify multiple --image options and command');
    }
    const labels = { app: name };
    await createObject(invocation, 'Deployment', {
      metadata: { name, labels },
      spec: {
        replicas: given.replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: given.image.map((image) =>
              containerOf(image, override, { port: given.port, suffix: () => randomSuffix(systemRandom) }),
            ),
          },
        },
        strategy: {},
      },
      status: {},
    });
  },
});

function containerOf(
  image: string,
  command: readonly string[],
  { port, suffix }: { readonly port: number; readonly suffix: () => string },
): Record<string, unknown> {
  return {
    name: containerName(image, suffix),
    image,
    ...(command.length > 0 ? { command } : {}),
    ...(port >= 0 ? { ports: [{ containerPort: port }] } : {}),
    resources: {},
  };
}

/** The container's name: the image's last part without tag and digest. */
function containerName(image: string, suffix: () => string): string {
  const name = image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/s, '');
  // What is no DNS label is made one, and unique again.
  return /[_.]/.test(name) ? `${name.replaceAll(/[_.]/g, '-')}-${suffix()}` : name;
}
