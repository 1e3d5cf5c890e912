import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf, writeQuery } from '../change/dry-run.ts';
import { overridden } from '../change/overrides.ts';
import { withLastApplied } from '../change/last-applied.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { textFlag } from '../command/flags.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKubeObject, valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { requireObjects } from '../resource/targets.ts';
import { dryRunFlags, fieldManagerFlag, fileFlags, printFlags, saveConfigFlag, overrideFlags } from './shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to expose a service'),
  ...printFlags,
  ...dryRunFlags,
  ...saveConfigFlag,
  ...overrideFlags,
  ...fieldManagerFlag('kubectl-expose'),
  'cluster-ip': textFlag(
    "ClusterIP to be assigned to the service. Leave empty to auto-allocate, or set to 'None' to create a headless service.",
  ),
  'external-ip': textFlag(
    'Additional external IP address (not managed by Kubernetes) to accept for the service. If this IP is routed to a node, the service can be accessed by this IP in addition to its generated service IP.',
  ),
  labels: textFlag('Labels to apply to the service created by this call.', { short: 'l' }),
  'load-balancer-ip': textFlag(
    'IP to assign to the LoadBalancer. If empty, an ephemeral IP will be created and used (cloud-provider specific).',
  ),
  name: textFlag('The name for the newly created object.'),
  port: textFlag('The port that the service should serve on. Copied from the resource being exposed, if unspecified'),
  protocol: textFlag("The network protocol for the service to be created. Default is 'TCP'."),
  selector: textFlag(
    'A label selector to use for this service. Only equality-based selector requirements are supported. If empty (the default) infer the selector from the replication controller or replica set.)',
  ),
  'session-affinity': textFlag(
    "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'",
  ),
  'target-port': textFlag(
    'Name or number for the port on the container that the service should direct traffic to. Optional.',
  ),
  type: textFlag("Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName. Default is 'ClusterIP'."),
} as const;

/** `kubectl expose` */
export const expose = defineVerb({
  usage:
    'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type]',
  long: `Expose a resource as a new Kubernetes service.

 Looks up a deployment, service, replica set, replication controller or pod by name and uses the selector for that resource as the selector for a new service on the specified port.

 Possible resources include (case insensitive):

 pod (po), service (svc), replicationcontroller (rc), deployment (deploy), replicaset (rs)`,
  examples: `# Create a service for an nginx deployment, which serves on port 80 and connects to the containers on port 8000
kubectl expose deployment nginx --port=80 --target-port=8000

# Create a service for a pod valid-pod, which serves on port 444 with the name "frontend"
kubectl expose pod valid-pod --port=444 --name=frontend`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io } = invocation;
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun, sorted: false });
    const found = await requireObjects(session, io, { args, filenames: given.filename, recursive: given.recursive });
    const errors: unknown[] = [];
    for (const { object } of found) {
      try {
        const made = serviceFor(invocation, object);
        const service = given.overrides ? asKubeObject(overridden(made, given.overrides)) : made;
        const body = given['save-config'] ? withLastApplied(service, { typed: true }) : service;
        if (dryRun === 'client') {
          print(body, 'exposed');
          continue;
        }
        const path = apiPath(knownResources.Service, { namespace: session.namespace.name });
        const query = writeQuery({ dryRun, fieldManager: given['field-manager'] });
        print(asKubeObject(await session.connection.json({ method: 'POST', path, query, body })), 'exposed');
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
});

interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
}

function serviceFor({ flags: given, session }: Invocation<typeof flags>, object: KubeObject): KubeObject {
  const labels = given.labels ? pairs(given.labels) : object.metadata.labels;
  const type = given.type;
  const selector = given.selector ? pairs(given.selector) : selectorOf(object);
  return asKubeObject({
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name: given.name || object.metadata.name,
      ...(session.namespace.explicit ? { namespace: session.namespace.name } : {}),
      ...(labels ? { labels } : {}),
    },
    spec: {
      ports: portsFor(given, object),
      selector,
      ...(type ? { type } : {}),
      ...(given['external-ip'] ? { externalIPs: [given['external-ip']] } : {}),
      ...(given['load-balancer-ip'] ? { loadBalancerIP: given['load-balancer-ip'] } : {}),
      ...(given['session-affinity'] ? { sessionAffinity: given['session-affinity'] } : {}),
      ...(given['cluster-ip'] ? { clusterIP: given['cluster-ip'] } : {}),
    },
    status: { loadBalancer: {} },
  });
}

function pairs(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const [key = '', value] = pair.split('=', 2);
      if (!key || value === undefined) throw new CommandError(`unexpected label spec: ${pair}`);
      return [key, value];
    }),
  );
}

function selectorOf(object: KubeObject): unknown {
  const { kind, metadata } = object;
  if (kind === 'Pod') {
    if (!metadata.labels)
      throw new CommandError(
        "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
      );
    return metadata.labels;
  }
  const selector = valueAt(object, 'spec', 'selector');
  const labels = kind === 'Service' ? selector : valueAt(selector, 'matchLabels');
  if (['Service', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet'].includes(kind) && labels) return labels;
  throw new CommandError(`cannot expose a ${kind}`);
}

function portsFor(given: Invocation<typeof flags>['flags'], object: KubeObject): readonly ServicePort[] {
  const own = ownPorts(object);
  const wanted = given.port ? given.port.split(',').map(Number) : own.map(({ port }) => port);
  if (wanted.length === 0) throw new CommandError("couldn't find port via --port flag or introspection");
  const ports = wanted.map((port, at) => {
    if (!Number.isInteger(port))
      throw new CommandError(`strconv.ParseInt: parsing ${JSON.stringify(given.port)}: invalid syntax`);
    const protocol = given.protocol || own.find((one) => one.port === port)?.protocol || 'TCP';
    const target = given['target-port'];
    const targetPort = target === '' ? port : /^\d+$/.test(target) ? Number(target) : target;
    return { ...(wanted.length > 1 ? { name: `port-${at + 1}` } : {}), protocol, port, targetPort };
  });
  return ports;
}

function ownPorts(object: KubeObject): readonly { readonly port: number; readonly protocol: string }[] {
  if (object.kind === 'Service') {
    return ((valueAt(object, 'spec', 'ports') ?? []) as readonly { port: number; protocol: string }[]).map(
      ({ port, protocol }) => ({ port, protocol }),
    );
  }
  const path = object.kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'];
  const containers = (valueAt(object, ...path, 'containers') ?? []) as readonly {
    readonly ports?: readonly { readonly containerPort: number; readonly protocol?: string }[];
  }[];
  return containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol = 'TCP' }) => ({ port: containerPort, protocol })),
  );
}
