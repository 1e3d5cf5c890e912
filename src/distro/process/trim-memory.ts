import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../../base/clock.ts';

/** The first trim comes when what a start leaves behind is garbage; later ones keep an idle process small. */
const firstAfterMs = 4_000;
const everyMs = 60_000;

/** Above this a full collection would be felt, but for the first; V8 collects by itself when a process is that busy. */
const heapLimit = 256 << 20;

/**
 * Gives memory back now and then until aborted: V8 leaves garbage in the heap of an idle process for as long as nobody
 * else asks.
 */
export async function trimMemory(clock: Clock, signal: AbortSignal): Promise<void> {
  const collect = globalThis.gc ?? exposedCollection();
  for (let wait = firstAfterMs; !signal.aborted; wait = everyMs) {
    await clock.sleep(wait, signal).catch(() => undefined);
    if (signal.aborted) return;
    if (wait === firstAfterMs || process.memoryUsage().heapTotal < heapLimit)
      await collect({ execution: 'async', type: 'major' });
  }
}

/** What Node has under `--expose-gc`, for processes that users start with no such flag. */
function exposedCollection(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as NodeJS.GCFunction;
}
