import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import { systemClock } from '../../base/system-clock.ts';

/** Options of `relay`. */
export interface RelayOptions {
  /** Cuts both connections. */
  readonly signal?: AbortSignal | undefined;
  /** Cuts both after this long without a byte in either direction; upstream's 4 h by default. */
  readonly idleTimeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Upstream's --streaming-connection-idle-timeout. */
export const defaultIdleTimeoutMs: number = 4 * 60 * 60 * 1000;

/** How long one side may take to hang up after the other has. */
const lingerMs = 5_000;

/** How often the kernel asks a silent peer for a sign of life. */
const keepAliveMs = 30_000;

/**
 * Passes bytes both ways between two connections until both are over. Each direction ends on its own; when one
 * connection is over, the other is hung up behind what was still to be sent. Never rejects.
 */
export async function relay(a: Duplex, b: Duplex, options: RelayOptions = {}): Promise<void> {
  const cut = (): void => {
    a.destroy();
    b.destroy();
  };
  const { signal, clock = systemClock } = options;
  if (signal?.aborted || a.destroyed || b.destroyed) cut();
  signal?.addEventListener('abort', cut, { once: true });
  for (const connection of [a, b]) watchConnection(connection, cut, options.idleTimeoutMs);
  const over = Promise.all([closed(a), closed(b)]);
  const lingers: Disposable[] = [];
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    const hangUp = (): void => {
      // Destroying it with received bytes unread would make the kernel drop what the peer has not read yet.
      if (to.readableEnded) to.destroy();
      to.once('end', () => to.destroy());
      lingers.push(clock.after(lingerMs, () => to.destroy()));
    };
    from.once('close', () => {
      to.unpipe();
      to.resume();
      if (to.writableFinished) return hangUp();
      to.once('finish', hangUp);
      if (!to.writableEnded) to.end();
    });
  }
  await over;
  for (const linger of lingers) linger[Symbol.dispose]();
  signal?.removeEventListener('abort', cut);
}

/** Has a connection noticed as dead, and calls `cut` when it has been idle for `idleMs`; only sockets are watched. */
export function watchConnection(stream: Duplex, cut: () => void, idleMs: number = defaultIdleTimeoutMs): void {
  // 'close' follows and says all there is to know.
  stream.on('error', () => undefined);
  if (!(stream instanceof Socket)) return;
  stream.setNoDelay(true);
  stream.setKeepAlive(true, keepAliveMs);
  // A socket whose peer sends nothing while we send is not idle: node counts both directions.
  stream.setTimeout(idleMs, cut);
}

function closed(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) resolve();
    else stream.once('close', resolve);
  });
}
