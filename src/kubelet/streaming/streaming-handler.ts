import type { Duplex } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { messageOf, StatusError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { acceptRemoteCommand } from '../../client/streaming/remote-command-server.ts';
import { openSpdyCommand } from '../../client/streaming/remote-command-client.ts';
import type { RemoteCommandOptions } from '../../client/streaming/remote-command.ts';
import { defaultIdleTimeoutMs, watchConnection } from '../../client/streaming/relay-sockets.ts';
import { proxyUpgrade } from '../../client/streaming/upgrade-proxy.ts';
import { refuseUpgrade, upgradeKind } from '../../client/streaming/upgrade-response.ts';
import type { IncomingUpgrade } from '../../client/streaming/upgrade-response.ts';
import { bridgeRemoteCommand } from './bridge-remote-command.ts';
import { forwardPortsOverWebSocket } from './port-forward-websocket.ts';
import { parseStreamingRequest } from './streaming-request.ts';
import type { AttachTarget, ExecTarget, PodTarget, StreamingRequest } from './streaming-request.ts';

/**
 * Finds the runtime's one-time streaming URL for a request. A rejection with a StatusError (NotFound for a pod or
 * container that isn't there) is what the client gets.
 */
export interface StreamingResolver {
  exec(target: ExecTarget, signal: AbortSignal): Promise<string>;
  attach(target: AttachTarget, signal: AbortSignal): Promise<string>;
  portForward(target: PodTarget, signal: AbortSignal): Promise<string>;
}

/** Options of `createStreamingHandler`. */
export interface StreamingHandlerOptions {
  readonly resolver: StreamingResolver;
  readonly log: Logger;
  /** Upstream's --streaming-connection-idle-timeout; 4 h by default. */
  readonly idleTimeoutMs?: number | undefined;
  /** Cuts every connection. */
  readonly signal?: AbortSignal | undefined;
}

/** Takes what node's 'upgrade' event gives; false when the path is none of the streaming endpoints. */
export type StreamingHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * The kubelet's `/exec`, `/attach` and `/portForward`: SPDY goes through to the runtime as it is, WebSocket ends here
 * and is translated. The caller has authenticated and authorized the request.
 */
export function createStreamingHandler(options: StreamingHandlerOptions): StreamingHandler {
  return (request, socket, head) => {
    const upgrade = { request, socket, head };
    try {
      const asked = parseStreamingRequest(request.url ?? '/');
      if (!asked) return false;
      void serve(upgrade, asked, options);
    } catch (error) {
      refuseUpgrade(socket, error);
    }
    return true;
  };
}

async function serve(
  upgrade: IncomingUpgrade,
  asked: StreamingRequest,
  options: StreamingHandlerOptions,
): Promise<void> {
  const { request, socket } = upgrade;
  const cancel = new AbortController();
  const giveUp = (): void => cancel.abort(new Error('the client has gone'));
  const cut = (): void => {
    giveUp();
    socket.destroy();
  };
  const { namespace, pod } = asked.target;
  const log = options.log.with({ endpoint: asked.kind, pod: `${namespace}/${pod}` });
  watchConnection(socket, cut, options.idleTimeoutMs ?? defaultIdleTimeoutMs);
  socket.once('close', giveUp);
  options.signal?.addEventListener('abort', cut, { once: true });
  try {
    const kind = upgradeKind(request);
    if (!kind) throw new StatusError('BadRequest', 'unable to upgrade: missing upgrade headers in request');
    const target = new URL(await resolve(asked, options.resolver, cancel.signal));
    log.v(4).info('Streaming connection opened', { protocol: kind });
    if (kind === 'spdy')
      await proxyUpgrade({ ...upgrade, target, signal: options.signal, idleTimeoutMs: options.idleTimeoutMs });
    else if (asked.kind === 'portForward')
      await forwardPortsOverWebSocket(upgrade, { target, ports: asked.ports, signal: cancel.signal });
    else await commandOverWebSocket(upgrade, { ...asked.target, target, signal: cancel.signal });
    log.v(4).info('Streaming connection closed');
  } catch (error) {
    // Nothing has been answered yet: whoever upgrades a connection reports later failures on it.
    log.error('Streaming request failed', { err: messageOf(error) });
    if (!socket.destroyed) refuseUpgrade(socket, error);
  } finally {
    options.signal?.removeEventListener('abort', cut);
  }
}

function resolve(asked: StreamingRequest, resolver: StreamingResolver, signal: AbortSignal): Promise<string> {
  if (asked.kind === 'exec') return resolver.exec(asked.target, signal);
  return asked.kind === 'attach' ? resolver.attach(asked.target, signal) : resolver.portForward(asked.target, signal);
}

interface CommandOptions extends RemoteCommandOptions {
  readonly target: URL;
  readonly signal: AbortSignal;
}

/**
 * The runtime is asked first, so that its refusal still is an HTTP response. Its own WebSocket can't say that stdin
 * has ended: it is spoken to by SPDY.
 */
async function commandOverWebSocket(upgrade: IncomingUpgrade, options: CommandOptions): Promise<void> {
  const { target, signal, stdin, stdout, stderr, tty } = options;
  const command = await openSpdyCommand({ url: target, signal, stdin, stdout, stderr, tty });
  const client = await acceptRemoteCommand(upgrade, { stdin, stdout, stderr, tty });
  if (client) await bridgeRemoteCommand(client, command);
  else await command.close();
}
