import type { ServerHttp2Stream } from 'node:http2';
import { largestWrite } from './exchange.ts';

/**
 * Bytes of large bodies that one connection is given at a time: it encrypts what all of its streams have written in one go,
 * which is to stay in the processor's caches.
 */
const together = 768 * 1024;
/** Below this, three frames, what each write costs outweighs that. */
const smallestWrite = 48 * 1024;

/** Large bodies that are under way, by connection. */
const underWay = new WeakMap<object, number>();

/** The bytes that a large body may write at a time, fewer the more of them its connection is sending. Counts it until it ends. */
export function shareOfConnection(stream: Pick<ServerHttp2Stream, 'session' | 'once'>): () => number {
  const { session } = stream;
  if (!session) return () => smallestWrite;
  const add = (change: number): void => void underWay.set(session, (underWay.get(session) ?? 0) + change);
  add(1);
  stream.once('close', () => add(-1));
  return () => Math.min(largestWrite, Math.max(smallestWrite, Math.floor(together / (underWay.get(session) ?? 1))));
}
