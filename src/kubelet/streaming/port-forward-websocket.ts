import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { messageOf, StatusError } from '../../base/errors.ts';
import {
  dialSpdyPortForward,
  portForwardProtocol,
  portForwardTunnel,
} from '../../client/streaming/port-forward-client.ts';
import type { PortForwarder } from '../../client/streaming/port-forward-client.ts';
import { tunnelStream } from '../../client/streaming/port-forward-server.ts';
import { relay } from '../../client/streaming/relay-sockets.ts';
import { streamProtocolHeader } from '../../client/streaming/spdy/spdy-upgrade.ts';
import { refusalOf, requestUpgrade } from '../../client/streaming/upgrade-request.ts';
import type { IncomingUpgrade } from '../../client/streaming/upgrade-response.ts';
import { WebSocketChannels } from '../../client/streaming/websocket-channels.ts';
import { acceptWebSocket, offeredProtocols } from '../../client/streaming/websocket-upgrade.ts';

/** Where the runtime serves the port-forward, and the ports that the query names. */
export interface WebSocketPortForwardOptions {
  readonly target: URL;
  readonly ports: readonly number[];
  readonly signal: AbortSignal;
}

/** Whether the channels' messages are text. Source: the kubelet's portforward/websocket.go. */
const channelProtocols: Readonly<Record<string, { base64: boolean }>> = {
  'v4.channel.k8s.io': { base64: false },
  'v4.base64.channel.k8s.io': { base64: true },
  '': { base64: false },
};

/**
 * Serves a port-forward over WebSocket: a SPDY tunnel, whose bytes are the runtime's business, or two channels per
 * port of the query. Rejects while the request has not been answered; resolves when it is over.
 */
export async function forwardPortsOverWebSocket(
  upgrade: IncomingUpgrade,
  options: WebSocketPortForwardOptions,
): Promise<void> {
  if (offeredProtocols(upgrade).includes(portForwardTunnel)) return tunnel(upgrade, options);
  if (options.ports.length === 0) throw new StatusError('BadRequest', 'query parameter "port" is required');
  const forwarder = await dialSpdyPortForward({ url: options.target, signal: options.signal });
  const session = await acceptWebSocket(upgrade, Object.keys(channelProtocols));
  if (session) {
    const { base64 } = channelProtocols[session.protocol] ?? { base64: false };
    await channels(new WebSocketChannels(session.socket, { base64, closeSignal: false }), forwarder, options.ports);
  }
  await forwarder.close();
}

async function tunnel(upgrade: IncomingUpgrade, { target, signal }: WebSocketPortForwardOptions): Promise<void> {
  const { socket, head } = await dialRuntime(target, signal);
  const session = await acceptWebSocket(upgrade, [portForwardTunnel]);
  if (!session) return void socket.destroy();
  const stream = tunnelStream(session.socket);
  if (head.length > 0) stream.write(head);
  await relay(stream, socket);
}

async function dialRuntime(url: URL, signal: AbortSignal): Promise<{ socket: Socket; head: Buffer }> {
  const headers = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1', [streamProtocolHeader]: portForwardProtocol };
  const answer = await requestUpgrade({ url, method: 'POST', headers, signal });
  if (!answer.upgraded) throw await refusalOf(answer.response);
  return answer;
}

async function channels(client: WebSocketChannels, forwarder: PortForwarder, ports: readonly number[]): Promise<void> {
  void client.closed.then(() => forwarder.close());
  await Promise.all(ports.map((port, index) => forwardChannel(client, forwarder, { port, index })));
  await client.close();
}

async function forwardChannel(
  client: WebSocketChannels,
  forwarder: PortForwarder,
  { port, index }: { readonly port: number; readonly index: number },
): Promise<void> {
  const [data, errors] = [2 * index, 2 * index + 1];
  const input = client.readable(data);
  // Both channels begin with the port, so that the client knows which is which.
  const greeting = Buffer.alloc(2);
  greeting.writeUInt16LE(port);
  for (const channel of [data, errors]) client.send(channel, greeting);
  try {
    const connection = await forwarder.connect(port);
    const sending = pipeline(input, connection.data).catch(() => undefined);
    await pipeline(connection.data, client.writable(data)).catch(() => undefined);
    const message = await Promise.race([connection.error, client.closed.then(() => undefined)]);
    if (message !== undefined) client.send(errors, Buffer.from(message));
    input.destroy();
    await sending;
  } catch (error) {
    client.send(errors, Buffer.from(`error forwarding port ${port} to pod: ${messageOf(error)}`));
  }
}
