import type { ServerHttp2Session } from 'node:http2';

/**
 * What Node keeps of a connection's streams, in the place of a Map and a Set: few, found by looking through them. Those would
 * keep every stream alive until the next full collection of garbage; see `Crowd`. Only what Node uses of them is there.
 */
export class OpenStreams {
  readonly #keys: unknown[] = [];
  readonly #streams: unknown[] = [];

  get size(): number {
    return this.#streams.length;
  }

  get(key: unknown): unknown {
    // Most often it is one of the newest.
    const at = this.#keys.lastIndexOf(key);
    return at < 0 ? undefined : this.#streams[at];
  }

  set(key: unknown, stream: unknown): void {
    this.#keys.push(key);
    this.#streams.push(stream);
  }

  add(stream: unknown): void {
    this.set(stream, stream);
  }

  delete(key: unknown): boolean {
    const at = this.#keys.lastIndexOf(key);
    if (at < 0) return false;
    this.#keys.splice(at, 1);
    this.#streams.splice(at, 1);
    return true;
  }

  forEach(callback: (stream: unknown) => void): void {
    for (const stream of [...this.#streams]) callback(stream);
  }
}

interface SessionState {
  streams: { readonly size: number };
  pendingStreams: { readonly size: number };
}

/** Lets a connection that was just opened forget its streams as soon as they have ended. */
export function forgetEndedStreams(session: ServerHttp2Session): void {
  const name = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state');
  const state = name && (session as unknown as Record<symbol, Partial<SessionState>>)[name];
  // Where another Node keeps them is its own affair.
  if (state?.streams?.size === 0) state.streams = new OpenStreams();
  if (state?.pendingStreams?.size === 0) state.pendingStreams = new OpenStreams();
}
