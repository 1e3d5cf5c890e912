import net from 'node:net';
import { dialMessage } from './dial-error.ts';
import type { ProbeOutcome } from './probe-outcome.ts';

/** Succeeds when a connection can be opened. */
export function tcpProbe(target: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<ProbeOutcome> {
  const { host, port, timeoutMs, signal } = target;
  const address = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port });
    const finish = (outcome: ProbeOutcome): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(outcome);
    };
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.setTimeout(timeoutMs, () => finish({ ok: false, message: `dial tcp ${address}: i/o timeout` }));
    socket.once('connect', () => finish({ ok: true, message: '' }));
    socket.once('error', (error) => finish({ ok: false, message: dialMessage(error, address) }));
  });
}
