/** The charges to one quota, by this server. */
import { chargesOf, withCharges } from '../../api/core/quota-charges.ts';
import type { QuotaCharge } from '../../api/core/quota-charges.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import { hasReason } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import { compareQuantities, subtractQuantities } from '../../machinery/quantity.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import type { FindObject } from '../ports.ts';
import { taken } from './quota-decision.ts';

/** How often a quota that others change meanwhile is charged anew. Each time one of the others got on. */
const attempts = 100;

/** What to charge a quota for, seeing it as it is then; a sentence refuses, and undefined is nothing. */
export type Assess = (quota: ResourceQuota) => Quantities | string | undefined;

interface Entry {
  readonly id: string;
  readonly uid: string | undefined;
  readonly assess: Assess;
  /** undefined: granted; a sentence: refused. */
  readonly answered: PromiseWithResolvers<string | undefined>;
}

interface Settlement {
  readonly id: string;
  /** What was charged is given back. */
  readonly refund: boolean;
}

interface Batch {
  readonly entries: readonly Entry[];
  readonly settlements: readonly Settlement[];
}

/** What a batch makes of a quota. */
interface Assessed {
  /** Its next version; undefined when nothing changes. */
  readonly next: ResourceQuota | undefined;
  readonly answers: ReadonlyMap<Entry, string | undefined>;
  readonly isRefusing: boolean;
}

/**
 * Charges one quota. What comes while a write is under way is put together in the next one: however many clients race,
 * only servers compete for the quota, and each write gets one of them on.
 */
export class QuotaAccount {
  readonly #client: Client;
  readonly #find: FindObject;
  readonly #key: ObjectKey;
  #entries: Entry[] = [];
  #settlements: Settlement[] = [];
  #working = false;

  constructor(key: ObjectKey, { client, find }: { readonly client: Client; readonly find: FindObject }) {
    this.#key = key;
    this.#client = client;
    this.#find = find;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return !this.#working;
  }

  /** Resolves when the quota is charged, with undefined, or with the sentence that refuses it. */
  charge(charge: Pick<Entry, 'id' | 'uid' | 'assess'>): Promise<string | undefined> {
    const answered = Promise.withResolvers<string | undefined>();
    this.#entries.push({ ...charge, answered });
    this.#work();
    return answered.promise;
  }

  /** Notes what became of a charge; one that is not known, or no more, is none. Before all charges that follow. */
  settle(settlement: Settlement): void {
    this.#settlements.push(settlement);
    this.#work();
  }

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    void this.#drain();
  }

  async #drain(): Promise<void> {
    // What is asked for in one turn of the event loop is one batch.
    await Promise.resolve();
    while (this.#entries.length + this.#settlements.length > 0) {
      const batch = { entries: this.#entries, settlements: this.#settlements };
      this.#entries = [];
      this.#settlements = [];
      try {
        await this.#carryOut(batch);
      } catch (error) {
        for (const { id, answered } of batch.entries) {
          answered.reject(error);
          // It may have been written in spite of the failure. If this fails too, those who count find it some time.
          this.#settlements.push({ id, refund: true });
        }
      }
    }
    this.#working = false;
  }

  async #carryOut(batch: Batch): Promise<void> {
    let isFresh = false;
    let quota = this.#find(ResourceQuota, this.#key) ?? (await this.#read());
    for (let attempt = 1; ; attempt++) {
      if (!quota) return answer(new Map(batch.entries.map((entry) => [entry, undefined])));
      const { next, answers, isRefusing } = assessed(quota, batch);
      // Nobody is refused for what another server may have seen given back.
      if (isRefusing && !isFresh) {
        quota = await this.#read();
        isFresh = true;
        continue;
      }
      if (!next) return answer(answers);
      try {
        await this.#client.update(ResourceQuota, next, { subresource: 'status' });
        return answer(answers);
      } catch (error) {
        const isGone = hasReason(error, 'NotFound');
        if (!isGone && (!hasReason(error, 'Conflict') || attempt >= attempts)) throw error;
        quota = await this.#read();
        isFresh = true;
      }
    }
  }

  async #read(): Promise<ResourceQuota | undefined> {
    try {
      return await this.#client.get(ResourceQuota, this.#key);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

function answer(answers: ReadonlyMap<Entry, string | undefined>): void {
  for (const [{ answered }, sentence] of answers) answered.resolve(sentence);
}

/** What is given back first is there for those who ask in the same batch. */
function assessed(quota: ResourceQuota, { entries, settlements }: Batch): Assessed {
  const charges: Record<string, QuotaCharge> = { ...chargesOf(quota) };
  let used = quota.status.used ?? {};
  let isChanged = false;
  for (const { id, refund } of settlements) {
    const charge = charges[id];
    if (!charge) continue;
    delete charges[id];
    if (refund) used = less(used, charge.amounts);
    isChanged = true;
  }
  const answers = new Map<Entry, string | undefined>();
  let isRefusing = false;
  for (const entry of entries) {
    const running = { ...quota, status: { ...quota.status, used } };
    const amounts = entry.assess(running);
    const total = typeof amounts === 'object' ? taken(running, amounts) : amounts;
    answers.set(entry, typeof total === 'string' ? total : undefined);
    if (typeof total === 'string') isRefusing = true;
    if (typeof total !== 'object' || typeof amounts !== 'object' || Object.keys(amounts).length === 0) continue;
    used = total;
    charges[entry.id] = { ...(entry.uid === undefined ? {} : { uid: entry.uid }), amounts };
    isChanged = true;
  }
  return { next: isChanged ? withCharges(quota, charges, used) : undefined, answers, isRefusing };
}

function less(used: Quantities, amounts: Quantities): Quantities {
  const rest: Record<string, string> = { ...used };
  for (const [name, amount] of Object.entries(amounts)) {
    if (rest[name] === undefined) continue;
    const left = subtractQuantities(rest[name], amount);
    rest[name] = compareQuantities(left, '0') < 0 ? '0' : left;
  }
  return rest;
}
