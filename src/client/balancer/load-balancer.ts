import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { relay } from '../streaming/relay-sockets.ts';
import type { ServerList } from './server-list.ts';

/** Options of `startLoadBalancer`. */
export interface LoadBalancerOptions {
  readonly servers: ServerList;
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: Clock;
}

/** A port behind which some server answers as long as one lives. */
export interface LoadBalancer extends AsyncDisposable {
  readonly port: number;
}

const dialTimeout = 1_000;

/**
 * Hands on each TCP connection to one of the servers, trying the next when one can't be reached. When a server is gone,
 * its connections are cut: whoever held one notices at once and comes back. TLS goes through untouched.
 */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const { servers, listen } = options;
  const relays = new Map<Socket, { readonly server: string; readonly cut: AbortController }>();
  const handle = async (client: Socket): Promise<void> => {
    // The pair is relayed later; until then nobody else listens, and 'close' says enough.
    client.on('error', () => undefined);
    const dialled = await dialFirst(options, client);
    if (!dialled) return void client.destroy();
    const cut = new AbortController();
    relays.set(client, { server: dialled.server, cut });
    await relay(client, dialled.socket, { signal: cut.signal });
    relays.delete(client);
  };
  const cutWhere = (matches: (server: string) => boolean): void => {
    for (const { server, cut } of relays.values()) if (matches(server)) cut.abort();
  };
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void handle(client));
  await listening(listener, listen);
  const subscription = servers.onGone((gone) => cutWhere((server) => server === gone));
  return {
    port: (listener.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      subscription[Symbol.dispose]();
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      cutWhere(() => true);
      await closed;
    },
  };
}

async function dialFirst(
  { servers, clock }: LoadBalancerOptions,
  client: Socket,
): Promise<{ readonly server: string; readonly socket: Socket } | undefined> {
  for (const server of servers.candidates()) {
    if (client.destroyed) return undefined;
    const socket = await dial(server, clock);
    if (socket instanceof Error) servers.missed(server, 'code' in socket ? 'refused' : 'silent');
    else return { server, socket };
  }
  return undefined;
}

/** A connection to `host:port`, or why there is none: an error without a code says that nobody answered in time. */
function dial(server: string, clock: Clock): Promise<Socket | Error> {
  const { hostname, port } = new URL(`tcp://${server}`);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), allowHalfOpen: true });
    const timer = clock.after(dialTimeout, () => socket.destroy(new Error(`dial tcp ${server}: i/o timeout`)));
    const settle = (result: Socket | Error): void => {
      timer[Symbol.dispose]();
      resolve(result);
    };
    socket.once('connect', () => settle(socket));
    socket.on('error', settle);
  });
}

function listening(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
