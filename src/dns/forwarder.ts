import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { Exchange } from './exchange.ts';
import type { DnsQuery } from './query.ts';
import type { Upstream } from './resolv-conf.ts';

/** What a forwarder needs. */
export interface ForwarderOptions {
  readonly upstreams: readonly Upstream[];
  readonly exchange: Exchange;
  readonly cache: AnswerCache;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How long one server gets to answer, in milliseconds; a lone one is asked twice, for a message may be lost. */
const tryTimeout = 2_000;
const minTries = 2;

/** Questions under way at most: beyond, the server refuses rather than to gather sockets without bound. */
const maxConcurrent = 1_000;

/** How long a question that nobody answered is not asked again, in milliseconds; and how many such are remembered. */
const giveUpFor = 5_000;
const maxGivenUp = 1_000;

/** How long a server that did not answer is asked last, in milliseconds. */
const avoidFor = 10_000;

/** Asks other servers, remembers their answers, and asks once what several clients ask at a time. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #underWay = new Map<string, Promise<Buffer | undefined>>();
  readonly #failedAt = new Map<Upstream, number>();
  /** When questions that nobody answered were last asked. */
  readonly #givenUpAt = new Map<string, number>();
  #stopped: string | undefined;
  #hits = 0;
  #misses = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
  }

  /** How many questions the cache could answer and how many it could not. */
  get cacheStatistics(): { readonly hits: number; readonly misses: number; readonly entries: number } {
    return { hits: this.#hits, misses: this.#misses, entries: this.#options.cache.size };
  }

  /** Forwards nothing any more, since it would come back here. */
  stop(reason: string): void {
    this.#stopped = reason;
  }

  /** The answer to `query`, under whatever id; undefined when nobody answers. */
  async ask(query: DnsQuery, transport: 'udp' | 'tcp', signal: AbortSignal): Promise<Buffer | undefined> {
    const key = cacheKey(query, transport);
    const known = this.#options.cache.get(key);
    if (known !== undefined) {
      this.#hits++;
      return known;
    }
    this.#misses++;
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    if (this.#stopped !== undefined || this.#underWay.size >= maxConcurrent || this.#isGivenUp(key)) return undefined;
    const asking = this.#askAll(query, transport, signal).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, asking);
    const answer = await asking;
    if (answer !== undefined) this.#options.cache.set(key, answer);
    else if (!signal.aborted) this.#giveUp(key);
    return answer;
  }

  #isGivenUp(key: string): boolean {
    return this.#options.clock.monotonic() - (this.#givenUpAt.get(key) ?? -Infinity) < giveUpFor;
  }

  #giveUp(key: string): void {
    if (this.#givenUpAt.size >= maxGivenUp) this.#givenUpAt.clear();
    this.#givenUpAt.set(key, this.#options.clock.monotonic());
  }

  async #askAll(query: DnsQuery, transport: 'udp' | 'tcp', signal: AbortSignal): Promise<Buffer | undefined> {
    let last: Buffer | undefined;
    const inOrder = this.#inOrder();
    const tries = inOrder.length === 1 ? Array.from({ length: minTries }, () => inOrder).flat() : inOrder;
    for (const upstream of tries) {
      const answer = await this.#askOne(query, upstream, { transport, signal });
      if (signal.aborted) return undefined;
      if (answer === undefined) continue;
      const failed = [2, 5].includes(answer.readUInt8(3) & 15);
      if (!failed) return answer;
      last = answer;
    }
    return last;
  }

  async #askOne(
    query: DnsQuery,
    upstream: Upstream,
    options: { transport: 'udp' | 'tcp'; signal: AbortSignal },
  ): Promise<Buffer | undefined> {
    const { clock, random, exchange, log } = this.#options;
    const message = Buffer.from(query.raw);
    message.writeUInt16BE(Math.floor(random.next() * 0x10000), 0);
    const timeout = new AbortController();
    using _timer = clock.after(tryTimeout, () => timeout.abort(new Error(`no answer within ${tryTimeout} ms`)));
    try {
      const signal = AbortSignal.any([options.signal, timeout.signal]);
      const answer = await exchange(message, upstream, { transport: options.transport, signal });
      this.#failedAt.delete(upstream);
      return answer;
    } catch (error) {
      this.#failedAt.set(upstream, clock.monotonic());
      const server = `${upstream.address}:${upstream.port}`;
      if (!options.signal.aborted)
        log.v(1).info('An upstream name server did not answer', { server, name: query.name, err: messageOf(error) });
      return undefined;
    }
  }

  /** As resolv.conf orders them, those that failed lately last. */
  #inOrder(): readonly Upstream[] {
    const now = this.#options.clock.monotonic();
    const failed = (upstream: Upstream): boolean => now - (this.#failedAt.get(upstream) ?? -Infinity) < avoidFor;
    return this.#options.upstreams.toSorted((a, b) => Number(failed(a)) - Number(failed(b)));
  }
}

/** Everything that an answer may depend on. */
function cacheKey({ name, question, edns, raw }: DnsQuery, transport: 'udp' | 'tcp'): string {
  const checkingDisabled = raw.readUInt8(3) & 0x10;
  const client = edns === undefined ? '' : `${edns.dnssecOk} ${transport === 'udp' ? edns.udpPayloadSize : ''}`;
  return `${name} ${question.type} ${question.class} ${checkingDisabled} ${transport} ${client}`;
}
