import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Pod } from '../../api/core/pod.ts';
import { messageOf } from '../../base/errors.ts';
import type { PortForwarder } from '../../client/streaming/port-forward-client.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { requestUrl } from '../http/api-connection.ts';
import { streamTarget } from './stream-target.ts';
import { knownResources } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { Session } from '../session.ts';

/** A local port (0: any) and the pod's port that it leads to. */
export interface PortPair {
  readonly local: number;
  readonly remote: number;
}

/** What is forwarded where. */
export interface ForwardOptions {
  readonly pod: Pod;
  readonly pairs: readonly PortPair[];
  /** IP addresses, or `localhost` for both loopbacks. */
  readonly addresses: readonly string[];
}

/** Listens locally and forwards connections to a pod, until interrupted or the pod is lost. */
export async function forwardPorts(
  session: Session,
  io: CliIo,
  { pod, pairs, addresses }: ForwardOptions,
): Promise<void> {
  const { dialPortForward } = await import('../../client/streaming/port-forward-client.ts');
  const { target } = session.connection;
  const { namespace, name } = pod.metadata;
  const path = apiPath(knownResources.Pod, { namespace, name, subresource: 'portforward' });
  const url = requestUrl(target.server, { path });
  await using forwarder = await dialPortForward({ url, ...streamTarget(session.connection), signal: io.signal }).catch(
    (error: unknown) => {
      throw new CommandError(`error upgrading connection: ${messageOf(error)}`, { cause: error });
    },
  );
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  try {
    for (const pair of pairs) servers.push(...(await listenFor(pair, { io, forwarder, addresses, sockets })));
    if (servers.length === 0) {
      throw new CommandError(
        `unable to listen on any of the requested ports: [${pairs.map(({ local, remote }) => `{${local} ${remote}}`).join(' ')}]`,
      );
    }
    const interrupted = new Promise<'interrupted'>((resolve) => {
      io.signal?.addEventListener('abort', () => resolve('interrupted'), { once: true });
    });
    const end = await Promise.race([interrupted, forwarder.closed.then(() => 'lost' as const)]);
    if (end === 'lost') throw new CommandError('lost connection to pod');
  } finally {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  }
}

interface Forwarding {
  readonly io: CliIo;
  readonly forwarder: PortForwarder;
  readonly addresses: readonly string[];
  readonly sockets: Set<Socket>;
}

/** Listens on every address; a loopback that the machine does not have is passed over if the other works. */
async function listenFor(pair: PortPair, forwarding: Forwarding): Promise<readonly Server[]> {
  const servers: Server[] = [];
  const failures: string[] = [];
  for (const address of forwarding.addresses.flatMap((one) => (one === 'localhost' ? ['127.0.0.1', '::1'] : [one]))) {
    const first = servers[0]?.address() as AddressInfo | undefined;
    const port = first && pair.local === 0 ? first.port : pair.local;
    try {
      servers.push(await listen(address, port, { ...pair, ...forwarding }));
    } catch (error) {
      failures.push(`unable to create listener: Error listen tcp ${address}:${port}: ${messageOf(error)}`);
    }
  }
  if (servers.length === 0) {
    forwarding.io.stderr.write(
      `Unable to listen on port ${pair.local}: Listeners failed to create with the following errors: [${failures.join(' ')}]\n`,
    );
  }
  return servers;
}

function listen(address: string, port: number, forwarding: Forwarding & PortPair): Promise<Server> {
  const { io, remote, sockets } = forwarding;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    void forward(socket, forwarding);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      const bound = server.address() as AddressInfo;
      const shown = address.includes(':') ? `[${address}]` : address;
      io.stdout.write(`Forwarding from ${shown}:${bound.port} -> ${remote}\n`);
      resolve(server);
    });
  });
}

async function forward(socket: Socket, { io, forwarder, remote }: Forwarding & PortPair): Promise<void> {
  const local = socket.localPort;
  io.stdout.write(`Handling connection for ${local}\n`);
  socket.on('error', () => undefined);
  try {
    const { data, error } = await forwarder.connect(remote, io.signal);
    data.on('error', () => socket.destroy());
    socket.once('close', () => data.destroy());
    socket.pipe(data).pipe(socket);
    const failure = await error;
    if (failure !== undefined) {
      io.stderr.write(`error: an error occurred forwarding ${local} -> ${remote}: ${failure}\n`);
      socket.destroy();
    }
  } catch (failure) {
    if (!io.signal?.aborted)
      io.stderr.write(
        `error: error creating forwarding stream for port ${local} -> ${remote}: ${messageOf(failure)}\n`,
      );
    socket.destroy();
  }
}
