import { Lease } from '../../api/coordination/lease.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { serversIn } from '../../client/balancer/follow-servers.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';

/** The control plane of a cluster of several machines. */
export interface ControlPlaneStatus {
  readonly servers: readonly {
    /** `host:port`. */
    readonly address: string;
    readonly ready: boolean;
    /** Why it is not. */
    readonly message: string;
  }[];
  /** Which machine leads each component that only one of them runs. */
  readonly leaders: Readonly<Record<string, string>>;
}

const led = ['kube-scheduler', 'kube-controller-manager'];
const timeout = 2_000;

/** Asks each API server that the cluster knows, and who leads. `connection`: with what identity. */
export async function readControlPlane(client: HttpClient, connection: Connection): Promise<ControlPlaneStatus> {
  const slice = await client.get(EndpointSlice, { namespace: 'default', name: 'kubernetes' });
  const [servers, leaders] = await Promise.all([
    Promise.all(serversIn([slice]).map((address) => readServer(address, connection))),
    Promise.all(led.map(async (name) => [name, await holderOf(name, client)] as const)),
  ]);
  return { servers, leaders: Object.fromEntries(leaders) };
}

/** Sentences about what is wrong. */
export function controlPlaneProblems({ servers, leaders }: ControlPlaneStatus): readonly string[] {
  return [
    ...servers
      .filter(({ ready }) => !ready)
      .map(
        ({ address, message }) =>
          `the API server at ${address} is not ready: ${message}; kubets up there starts it again`,
      ),
    ...Object.entries(leaders)
      .filter(([, holder]) => holder === '')
      .map(([name]) => `no machine leads the ${name}: nothing it does is done`),
  ];
}

async function readServer(address: string, connection: Connection): Promise<ControlPlaneStatus['servers'][number]> {
  await using client = createHttpClient({ ...connection, servers: [`https://${address}`] });
  try {
    await client.text({ path: '/readyz', signal: AbortSignal.timeout(timeout) });
    return { address, ready: true, message: '' };
  } catch (error) {
    return { address, ready: false, message: messageOf(error) };
  }
}

/** The name of the node on whose machine it is; '' when nobody leads. */
async function holderOf(name: string, client: HttpClient): Promise<string> {
  try {
    const { spec } = await client.get(Lease, { namespace: 'kube-system', name });
    return (spec.holderIdentity ?? '').replace(/_[-0-9a-f]+$/, '');
  } catch (error) {
    if (hasReason(error, 'NotFound')) return '';
    throw error;
  }
}
