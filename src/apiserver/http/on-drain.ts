import type { Writable } from 'node:stream';

/** Calls back once when a stream has taken what was written to it, or is closed. */
export function onDrain(stream: Writable, callback: () => void): void {
  if (stream.destroyed || !stream.writableNeedDrain) return queueMicrotask(callback);
  const once = (): void => {
    stream.off('drain', once);
    stream.off('close', once);
    callback();
  };
  stream.on('drain', once);
  stream.on('close', once);
}
