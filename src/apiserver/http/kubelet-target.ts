/** Where requests about pods and nodes go on to: the kubelet of the node. Source: kubernetes' registry/core/pod/strategy. */
import { StatusError } from '../../base/errors.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { badRequest } from '../resources/api-errors.ts';
import { currentObject } from '../resources/handler-context.ts';
import type { HandlerContext } from '../resources/handler-context.ts';

/** The port of a kubelet that does not say. */
const defaultKubeletPort = 10250;

/** Subresources of pods that the kubelet answers. */
export type PodConnection = 'log' | 'exec' | 'attach' | 'portforward';

const kubeletPaths: Readonly<Record<PodConnection, string>> = {
  log: 'containerLogs',
  exec: 'exec',
  attach: 'attach',
  portforward: 'portForward',
};

/** Which connection to a pod is wanted. */
export interface PodConnectionRequest {
  readonly namespace: string;
  readonly name: string;
  readonly connection: PodConnection;
  /** '' for the only one. */
  readonly container: string;
  /** As the kubelet wants it. */
  readonly query: URLSearchParams;
}

/** The kubelet's URL for a connection to a pod; undefined for the log of a pod that has no node yet: it is empty. */
export async function podTarget(context: HandlerContext, request: PodConnectionRequest): Promise<URL | undefined> {
  const { namespace, name, connection, query } = request;
  const stored = await currentObject(context, Pod, { namespace, name });
  const pod = stored.object as Pod;
  const container = connection === 'portforward' ? '' : chosenContainer(pod, request.container);
  if (!pod.spec.nodeName) {
    if (connection === 'log') return undefined;
    throw badRequest(`pod ${name} does not have a host assigned`);
  }
  const target = await nodeUrl(context, pod.spec.nodeName);
  const path = [kubeletPaths[connection], namespace, name, ...(container === '' ? [] : [container])];
  target.pathname = `/${path.map(encodeURIComponent).join('/')}`;
  target.search = String(query);
  return target;
}

/** The root of a node's kubelet. Throws StatusError when the node is unknown or has no address. */
export async function nodeUrl(context: HandlerContext, name: string): Promise<URL> {
  const stored = await currentObject(context, Node, { name });
  const { status } = stored.object as Node;
  const addresses = status.addresses ?? [];
  const address = ['InternalIP', 'Hostname', 'ExternalIP'].flatMap((type) =>
    addresses.filter((candidate) => candidate.type === type),
  )[0]?.address;
  if (!address) {
    throw new StatusError(
      'InternalError',
      `Internal error occurred: node ${JSON.stringify(name)} has reported no address yet`,
    );
  }
  const port = status.daemonEndpoints?.kubeletEndpoint?.Port || defaultKubeletPort;
  return new URL(`https://${address.includes(':') ? `[${address}]` : address}:${port}/`);
}

function chosenContainer(pod: Pod, wanted: string): string {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  const { name } = pod.metadata;
  if (wanted === '') {
    const [only, ...others] = containers;
    if (only && others.length === 0) return only.name;
    const names = (list: readonly { readonly name: string }[]): string => list.map((one) => one.name).join(' ');
    const inits = initContainers.length > 0 ? ` or one of the init containers: [${names(initContainers)}]` : '';
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names(containers)}]${inits}`,
    );
  }
  const known = [...containers, ...initContainers, ...ephemeralContainers].some((one) => one.name === wanted);
  if (!known) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  return wanted;
}
