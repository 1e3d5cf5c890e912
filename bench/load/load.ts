/** Keeps a server busy, and says how busy it was. */
import type { ConnectionOptions } from 'node:tls';
import { H2Connection } from './h2-connection.ts';
import type { LoadAnswer, LoadRequest } from './h2-connection.ts';

/** As clients do that share a process: few connections, many streams. */
const connections = 4;

/** Several connections to one server, used in turn. */
export class Load implements Disposable {
  readonly #connections: readonly H2Connection[];
  #next = 0;

  private constructor(opened: readonly H2Connection[]) {
    this.#connections = opened;
  }

  /** Connects; `headers` go with every request. */
  static async open(
    url: string,
    tls: ConnectionOptions,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Load> {
    const open = (): Promise<H2Connection> => H2Connection.open(url, tls, headers);
    return new Load(await Promise.all(Array.from({ length: connections }, open)));
  }

  /** Sends one request and waits for its answer. Rejects for statuses from 400 on. */
  request(request: LoadRequest): Promise<LoadAnswer> {
    return this.#connection().request(request);
  }

  /** Begins a request whose answer goes on. */
  stream(path: string, data: (chunk: Buffer) => void): Promise<Disposable> {
    return this.#connection().stream(path, data);
  }

  /** Keeps `clients` requests under way for some seconds; the number of answers per second. */
  async rate(options: { readonly clients: number; readonly seconds: number }, one: MakeRequest): Promise<number> {
    const started = performance.now();
    const end = started + options.seconds * 1000;
    let count = 0;
    let sent = 0;
    const client = async (): Promise<void> => {
      while (performance.now() < end) {
        await this.request(one(sent++));
        count++;
      }
    };
    await Promise.all(Array.from({ length: options.clients }, client));
    return count / ((performance.now() - started) / 1000);
  }

  /** Sends `count` requests, `clients` at a time; the number of answers per second. */
  async all(options: { readonly clients: number; readonly count: number }, one: MakeRequest): Promise<number> {
    const started = performance.now();
    let sent = 0;
    const client = async (): Promise<void> => {
      while (sent < options.count) await this.request(one(sent++));
    };
    await Promise.all(Array.from({ length: options.clients }, client));
    return options.count / ((performance.now() - started) / 1000);
  }

  [Symbol.dispose](): void {
    for (const connection of this.#connections) connection[Symbol.dispose]();
  }

  #connection(): H2Connection {
    return this.#connections[this.#next++ % this.#connections.length]!;
  }
}

/** The request of a number. */
export type MakeRequest = (index: number) => LoadRequest;

/** Counts the events of watches, each of which is a line. */
export class EventCounter {
  count = 0;

  readonly take = (chunk: Buffer): void => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.count++;
  };

  /** Resolves once so many have come. */
  async reached(count: number): Promise<void> {
    while (this.count < count) await new Promise((resolve) => setImmediate(resolve));
  }
}
