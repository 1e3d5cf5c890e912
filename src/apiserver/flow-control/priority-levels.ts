import { mandatoryPriorityLevels } from '../../api/flowcontrol/bootstrap-objects.ts';
import { allocateSeats } from './allocate-seats.ts';
import { PriorityLevel, isUsable, sharesOf } from './priority-level.ts';
import type { LevelObject } from './priority-level.ts';

/** All priority levels, and how the server's seats are divided among them. Source: apiserver's apf_controller.go. */
export class PriorityLevels {
  readonly #seats: number;
  readonly #levels = new Map<string, PriorityLevel>();
  #nominalSum = 0;
  /** The fraction of its target that each level has that is within its bounds. */
  fairFraction = 0;

  /** `seats`: those of the whole server. */
  constructor(seats: number, now: number) {
    this.#seats = seats;
    this.configure([], now);
  }

  get(name: string): PriorityLevel | undefined {
    return this.#levels.get(name);
  }

  all(): Iterable<PriorityLevel> {
    return this.#levels.values();
  }

  /**
   * Takes the levels that are to be there; those that must be are, whatever is given. Those that are gone stay as long as
   * something is in them. Returns the names of the levels that requests may be sent to.
   */
  configure(objects: readonly LevelObject[], now: number): ReadonlySet<string> {
    const wanted = new Map<string, LevelObject>(mandatoryLevels.map((object) => [object.metadata.name, object]));
    for (const object of objects) if (isUsable(object)) wanted.set(object.metadata.name, object);
    for (const object of wanted.values()) {
      const level = this.#levels.get(object.metadata.name);
      if (level) level.configure(object);
      else this.#levels.set(object.metadata.name, new PriorityLevel(object, now));
    }
    for (const level of this.#levels.values()) {
      if (wanted.has(level.name)) continue;
      level.quiescing = true;
      if (level.queues.isIdle) this.#levels.delete(level.name);
    }
    this.#divide();
    this.adjust(now);
    return new Set(wanted.keys());
  }

  /** Whether a level that is no longer wanted could go. */
  get hasIdleLeftovers(): boolean {
    for (const { quiescing, queues } of this.#levels.values()) if (quiescing && queues.isIdle) return true;
    return false;
  }

  /** Lends and borrows: gives levels their seats anew, by what they wanted since the last time. To be called every 10 s. */
  adjust(now: number): void {
    const limited: { readonly level: PriorityLevel; readonly least: number }[] = [];
    let remaining = this.#nominalSum;
    for (const level of this.#levels.values()) {
      level.noteDemand(now);
      const { lower, nominal } = level.limits;
      const { highest } = level.demand;
      if (level.isExempt) {
        level.target = Math.max(lower, highest);
        level.queues.limit = level.target;
        remaining -= level.target;
      } else limited.push({ level, least: Math.max(lower, Math.min(nominal, highest)) });
    }
    const lowerSum = limited.reduce((sum, { level }) => sum + level.limits.lower, 0);
    const leastSum = limited.reduce((sum, { least }) => sum + least, 0);
    for (const { level, least } of limited) level.target = Math.max(least, level.smoothed);
    if (remaining <= leastSum) {
      // The exempt take so much that the others have less than they need.
      const share = remaining <= lowerSum ? 0 : (remaining - lowerSum) / (leastSum - lowerSum);
      this.fairFraction = 0;
      for (const { level, least } of limited) {
        const { lower } = level.limits;
        level.queues.limit = lower + Math.round((least - lower) * share);
      }
    } else this.#allocate(limited);
  }

  #allocate(limited: readonly { readonly level: PriorityLevel; readonly least: number }[]): void {
    const claims = limited.map(({ level, least }) => ({
      lower: least,
      upper: level.limits.upper,
      target: level.target,
    }));
    const allocated = allocateSeats(this.#nominalSum, claims);
    if (!allocated) return;
    this.fairFraction = allocated.fraction;
    limited.forEach(({ level }, index) => (level.queues.limit = Math.round(allocated.shares[index]!)));
  }

  #divide(): void {
    let shareSum = 0;
    for (const { object } of this.#levels.values()) shareSum += sharesOf(object.spec).shares;
    this.#nominalSum = 0;
    for (const level of this.#levels.values()) {
      const { shares, lendablePercent, borrowingLimitPercent } = sharesOf(level.object.spec);
      const nominal = Math.ceil((this.#seats * shares) / shareSum);
      const lendable = Math.round((nominal * lendablePercent) / 100);
      const borrowable =
        borrowingLimitPercent === undefined ? this.#seats : Math.round((nominal * borrowingLimitPercent) / 100);
      level.limits = { nominal, lower: nominal - lendable, upper: nominal + borrowable };
      this.#nominalSum += nominal;
    }
  }
}

const mandatoryLevels: readonly LevelObject[] = Object.entries(mandatoryPriorityLevels).map(([name, spec]) => ({
  metadata: { name },
  spec,
}));
