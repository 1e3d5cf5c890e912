import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { intFlag, sliceFlag, textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import type { Verb } from '../../command/verb.ts';

const tcp = sliceFlag("Port pairs can be specified as '<port>:<targetPort>'.");

/** What the types of services have of their own. */
const typeFlags = {
  ClusterIP: {
    tcp,
    clusterip: textFlag("Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing)."),
  },
  NodePort: { tcp, 'node-port': intFlag('Port used to expose the service on each node in a cluster.') },
  LoadBalancer: { tcp },
  ExternalName: { tcp, 'external-name': textFlag('External name of service') },
} as const;

interface ServiceFlags {
  readonly tcp: readonly string[];
  readonly clusterip?: string;
  readonly 'node-port'?: number;
  readonly 'external-name'?: string;
}

type ServiceType = keyof typeof typeFlags;

function serviceVerb(type: ServiceType, usage: string): Verb {
  return defineVerb({
    usage: `create service ${type.toLowerCase()} NAME ${usage} [--dry-run=server|client|none]`,
    long: `Create a ${type} service with the specified name.`,
    examples: `# Create a new ${type} service named my-svc
kubectl create service ${type.toLowerCase()} my-svc ${type === 'ExternalName' ? '--external-name bar.com' : '--tcp=5678:8080'}`,
    flags: { ...createFlags, ...typeFlags[type] },
    async run(invocation) {
      const { args, command } = invocation;
      const given: ServiceFlags = invocation.flags;
      const name = requireName(args, command);
      const headless = given.clusterip === 'None';
      if (type === 'ExternalName' && !given['external-name'])
        throw new CommandError('required flag(s) "external-name" not set');
      if (given.tcp.length === 0 && !headless && type !== 'ExternalName') {
        throw new CommandError('at least one tcp port specifier must be provided');
      }
      const labels = { app: name };
      await createObject(invocation, 'Service', {
        metadata: { name, labels },
        spec: {
          ...(given.tcp.length > 0 ? { ports: given.tcp.map((text) => portOf(text, given['node-port'] ?? 0)) } : {}),
          selector: labels,
          type,
          ...(given.clusterip ? { clusterIP: given.clusterip } : {}),
          ...(given['external-name'] ? { externalName: given['external-name'] } : {}),
        },
        status: { loadBalancer: {} },
      });
    },
  });
}

function portOf(text: string, nodePort: number): Record<string, unknown> {
  const [first = '', second] = text.split(':');
  const port = portNumber(first, text);
  const target =
    second === undefined || second === '' ? port : /^\d+$/.test(second) ? portNumber(second, text) : second;
  return {
    name: text.replaceAll(':', '-'),
    protocol: 'TCP',
    port,
    targetPort: target,
    ...(nodePort > 0 ? { nodePort } : {}),
  };
}

function portNumber(text: string, whole: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(port)) throw new CommandError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (port > 65_535) throw new CommandError(`invalid port ${whole}: must be between 0 and 65535, inclusive`);
  return port;
}

/** `kubectl create service` */
export const createService = defineVerb({
  usage: 'create service',
  long: 'Create a service using a specified subcommand.',
  flags: {},
  subcommands: [
    {
      name: 'clusterip',
      short: 'Create a ClusterIP service',
      load: async () => serviceVerb('ClusterIP', '[--tcp=<port>:<targetPort>]'),
    },
    {
      name: 'externalname',
      short: 'Create an ExternalName service',
      load: async () => serviceVerb('ExternalName', '--external-name external.name'),
    },
    {
      name: 'loadbalancer',
      short: 'Create a LoadBalancer service',
      load: async () => serviceVerb('LoadBalancer', '[--tcp=port:targetPort]'),
    },
    {
      name: 'nodeport',
      short: 'Create a NodePort service',
      load: async () => serviceVerb('NodePort', '[--tcp=port:targetPort]'),
    },
  ],
});
