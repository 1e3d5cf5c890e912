import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import { durationFlag, sliceFlag } from '../command/flags.ts';
import { CommandError, usageError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { attachablePod, readNamedObject } from '../pods/find-pods.ts';
import { forwardPorts } from '../pods/forward-ports.ts';
import type { PortPair } from '../pods/forward-ports.ts';
import { asKind } from '../resource/kube-object.ts';

const flags = {
  address: sliceFlag(
    'Addresses to listen on (comma separated). Only accepts IP addresses or localhost as a value. When localhost is supplied, kubectl will try to bind on both 127.0.0.1 and ::1 and will fail if neither of these addresses are available to bind.',
    { initial: ['localhost'] },
  ),
  'pod-running-timeout': durationFlag(
    'The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running',
    { initial: 60_000, shown: '1m0s' },
  ),
} as const;

/** `kubectl port-forward` */
export const portForward = defineVerb({
  usage: 'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  long: `Forward one or more local ports to a pod.

 Use resource type/name such as deployment/mydeployment to select a pod. Resource type defaults to 'pod' if omitted.

 If there are multiple pods matching the criteria, a pod will be selected automatically. The forwarding session ends when the selected pod terminates, and a rerun of the command is needed to resume forwarding.`,
  examples: `# Listen on ports 5000 and 6000 locally, forwarding data to/from ports 5000 and 6000 in the pod
kubectl port-forward pod/mypod 5000 6000

# Listen on port 8443 locally, forwarding to the targetPort of the service's port named "https" in a pod selected by the service
kubectl port-forward service/myservice 8443:https

# Listen on a random port locally, forwarding to 5000 in the pod
kubectl port-forward pod/mypod :5000`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    const [name, ...ports] = args;
    if (name === undefined || ports.length === 0)
      throw usageError(command, 'TYPE/NAME and list of ports are required for port-forward');
    const object = await readNamedObject(session, io, [name]);
    const pod = await attachablePod(session, io, { object, timeout: given['pod-running-timeout'] });
    const service = object.kind === 'Service' ? asKind<Service>(object) : undefined;
    const pairs = ports.map((port) => portPair(port, pod, service));
    const phase = pod.status?.phase ?? '';
    if (phase !== 'Running')
      throw new CommandError(`unable to forward port because pod is not running. Current status=${phase}`);
    await forwardPorts(session, io, { pod, pairs, addresses: given.address });
  },
});

/** Reads `LOCAL:REMOTE`, `:REMOTE` or `REMOTE`; a remote port may be a name, and of a service it is the service's port. */
function portPair(text: string, pod: Pod, service: Service | undefined): PortPair {
  const parts = text.split(':');
  if (parts.length > 2) throw new CommandError(`invalid port format '${text}'`);
  const remoteText = parts.at(-1) ?? '';
  const remote = service ? targetPort(remoteText, pod, service) : containerPort(remoteText, pod);
  const localText = parts.length === 1 ? (/^\d+$/.test(remoteText) ? remoteText : String(remote)) : (parts[0] ?? '');
  const local = localText === '' ? 0 : Number(localText);
  if (!Number.isInteger(local) || local < 0 || local > 65_535) {
    throw new CommandError(
      `error parsing local port '${localText}': strconv.ParseUint: parsing ${JSON.stringify(localText)}: invalid syntax`,
    );
  }
  return { local, remote };
}

function targetPort(text: string, pod: Pod, { metadata, spec }: Service): number {
  const port = (spec.ports ?? []).find((one) => String(one.port) === text || (one.name === text && text !== ''));
  if (!port) throw new CommandError(`Service ${metadata.name} does not have a service port ${text}`);
  if (spec.clusterIP === 'None' && port.targetPort === undefined) return port.port;
  return containerPort(String(port.targetPort ?? port.port), pod);
}

function containerPort(text: string, pod: Pod): number {
  if (/^\d+$/.test(text)) {
    const port = Number(text);
    if (port === 0) throw new CommandError('remote port must be > 0');
    if (port > 65_535)
      throw new CommandError(
        `error parsing remote port '${text}': strconv.ParseUint: parsing "${text}": value out of range`,
      );
    return port;
  }
  for (const container of pod.spec.containers) {
    const named = container.ports?.find((port) => port.name === text);
    if (named) return named.containerPort;
  }
  throw new CommandError(`Pod '${pod.metadata.name}' does not have a named port '${text}'`);
}
