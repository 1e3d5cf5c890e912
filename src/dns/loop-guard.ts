import type { Random } from '../base/random.ts';
import packet from 'dns-packet';
import type { DnsQuery } from './query.ts';
import { parseQuery } from './query.ts';

/**
 * Tells whether an upstream server leads back here, as a resolv.conf that names the cluster's own DNS does: a question
 * with a name that nobody else can know is sent there at the start, and must not come back.
 */
export class LoopGuard {
  readonly #name: string;
  readonly #onLoop: () => void;
  #found = false;

  constructor(random: Random, onLoop: () => void) {
    const label = (): string => String(Math.floor(random.next() * 2 ** 48));
    this.#name = `${label()}.${label()}.kubets-loop-probe`;
    this.#onLoop = onLoop;
  }

  /** The question to send to the upstream servers. */
  probe(): DnsQuery {
    const questions = [{ name: this.#name, type: 'HINFO', class: 'IN' }];
    const query = parseQuery(packet.encode({ type: 'query', id: 0, flags: packet.RECURSION_DESIRED, questions }));
    if (query === undefined || !('question' in query)) throw new Error('the loop probe is no valid question');
    return query;
  }

  /** Whether a question that came in is the probe. */
  isProbe(name: string): boolean {
    if (name !== this.#name) return false;
    if (!this.#found) this.#onLoop();
    this.#found = true;
    return true;
  }
}
