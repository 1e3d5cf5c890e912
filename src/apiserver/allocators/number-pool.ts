/** Numbers that are given out once: cluster addresses and node ports. */
import type { Random } from '../../base/random.ts';

/** Options of a pool of the numbers 0 … size-1. */
export interface NumberPoolOptions {
  readonly size: number;
  readonly random: Random;
  /** Epoch milliseconds. */
  now(): number;
}

interface Claim {
  readonly owner: string;
  /** Until when an unconfirmed claim counts; undefined once confirmed. */
  readonly until: number | undefined;
}

/** An unconfirmed claim outlives the longest request. */
const pendingMs = 75_000;

/**
 * Claims by owner (a Service's namespace/name). A claim begins pending, when a request is admitted, and is confirmed when
 * the Service is seen in the store; a request that fails after admission just lets its claim run out. So two requests
 * never get the same number, and none is lost.
 */
export class NumberPool {
  readonly #options: NumberPoolOptions;
  readonly #claims = new Map<number, Claim>();
  /** The numbers whose claims are not confirmed: few, however many are taken. */
  readonly #pending = new Set<number>();
  /** Numbers below this are handed out last, so that people may pick them by hand. Source: KEP 3070. */
  readonly #staticBand: number;

  constructor(options: NumberPoolOptions) {
    this.#options = options;
    const { size } = options;
    this.#staticBand = size <= 16 ? 0 : Math.min(256, Math.max(16, Math.floor(size / 16)));
  }

  /** Who holds a number. */
  ownerOf(number: number): string | undefined {
    const claim = this.#claims.get(number);
    if (!claim) return undefined;
    if (claim.until === undefined || claim.until > this.#options.now()) return claim.owner;
    this.#forget(number);
    return undefined;
  }

  /** Claims a certain number, for a request under way; false when another owner holds it. */
  claim(number: number, owner: string): boolean {
    const holder = this.ownerOf(number);
    if (holder !== undefined) return holder === owner;
    this.#claims.set(number, { owner, until: this.#options.now() + pendingMs });
    this.#pending.add(number);
    return true;
  }

  /** A free number, chosen at random; undefined when all are taken. `owner` undefined only looks (dry run). */
  allocate(owner: string | undefined): number | undefined {
    const { size } = this.#options;
    const free = this.#search(this.#staticBand, size) ?? this.#search(0, this.#staticBand);
    if (free !== undefined && owner !== undefined) this.claim(free, owner);
    return free;
  }

  #search(from: number, to: number): number | undefined {
    const length = to - from;
    const start = Math.floor(this.#options.random.next() * length);
    for (let i = 0; i < length; i++) {
      const number = from + ((start + i) % length);
      if (this.ownerOf(number) === undefined) return number;
    }
    return undefined;
  }

  /** The unconfirmed numbers of an owner: what an earlier, failed request of the same name claimed. */
  pendingOf(owner: string): readonly number[] {
    return [...this.#pending].filter((number) => this.ownerOf(number) === owner);
  }

  /**
   * The store says that `owner` holds exactly these numbers. Returns those that another owner holds too: a conflict that
   * only a person can resolve.
   */
  confirm(owner: string, numbers: readonly number[], previous: readonly number[]): readonly number[] {
    for (const number of previous) if (!numbers.includes(number)) this.release(number, owner);
    const conflicts: number[] = [];
    for (const number of numbers) {
      const claim = this.#claims.get(number);
      // What is stored outranks what a request under way hopes for.
      if (claim && claim.owner !== owner && claim.until === undefined) conflicts.push(number);
      else {
        this.#claims.set(number, { owner, until: undefined });
        this.#pending.delete(number);
      }
    }
    return conflicts;
  }

  /** Gives a number back, if `owner` holds it. */
  release(number: number, owner: string): void {
    if (this.#claims.get(number)?.owner === owner) this.#forget(number);
  }

  #forget(number: number): void {
    this.#claims.delete(number);
    this.#pending.delete(number);
  }
}
