import type {
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../../api/flowcontrol/priority-level-configuration.ts';
import type { Demand } from './seat-demand.ts';
import { QueueSet } from './queue-set.ts';
import type { QueueSetConfig } from './queue-set.ts';
import { RetryAfter } from './retry-after.ts';
import type { Lane } from './thread-turns.ts';
import type { Ticket } from './ticket.ts';
import { maxSeatsOf } from './work-estimate.ts';

/** What is known of a level: of one that must be there and is not in the store, without a UID. */
export interface LevelObject {
  readonly metadata: { readonly name: string; readonly uid?: string | undefined };
  readonly spec: PriorityLevelConfiguration['spec'];
}

/** The seats of a level. */
export interface SeatLimits {
  readonly nominal: number;
  /** What it keeps when it lends all that it may. */
  readonly lower: number;
  /** What it has when it borrows all that it may. */
  readonly upper: number;
}

/** How much of the last demand is remembered at an adjustment; its half-life is five minutes. Source: KEP 1040. */
const smoothing = 0.977;

/** A priority level: its seats, its queues, and its turns at the thread. */
export class PriorityLevel implements Lane {
  readonly name: string;
  readonly queues: QueueSet;
  readonly retryAfter = new RetryAfter();
  object: LevelObject;
  /** No longer wanted, and kept until nothing is in it. */
  quiescing = false;
  limits: SeatLimits = { nominal: 0, lower: 0, upper: 0 };
  demand: Demand = { average: undefined, deviation: 0, highest: 0 };
  /** The demand, falling slowly. */
  smoothed = 0;
  /** What was to be had at the last adjustment. */
  target = 0;
  /** See Lane. */
  served = 0;

  constructor(object: LevelObject, now: number) {
    this.object = object;
    this.name = object.metadata.name;
    this.queues = new QueueSet(queueSetConfig(object.spec), 0, now);
  }

  get isExempt(): boolean {
    return this.object.spec.type === 'Exempt';
  }

  get waiting(): number {
    return this.queues.waiting;
  }

  get weight(): number {
    return Math.max(1, this.limits.nominal);
  }

  startNext(now: number): Ticket | undefined {
    return this.queues.startNext(now);
  }

  /** The most seats that the work estimate gives one request; 0 if the level sets no bound. */
  get maxSeats(): number {
    const { config } = this.queues;
    return config.kind === 'queueing' ? maxSeatsOf(this.limits.nominal, config.handSize) : 0;
  }

  /** Takes a new version of the object that describes the level. */
  configure(object: LevelObject): void {
    this.object = object;
    this.quiescing = false;
    this.queues.configure(queueSetConfig(object.spec));
  }

  /** Takes in what was wanted since the last time. */
  noteDemand(now: number): void {
    this.demand = this.queues.demand.reset(now);
    const { average, deviation } = this.demand;
    if (average === undefined) return;
    const envelope = average + deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
  }
}

/** Whether a level is described as levels must be; validation has seen to that, but maybe another server's. */
export function isUsable({ metadata: { name }, spec }: LevelObject): boolean {
  const { type, limited, exempt } = spec;
  if ((type === 'Limited') !== (limited !== undefined) || (type === 'Exempt') !== (exempt !== undefined)) return false;
  if ((type === 'Exempt') !== (name === 'exempt')) return false;
  const response = limited?.limitResponse;
  return !response || (response.type === 'Reject') === (response.queuing === undefined);
}

/** What a level is to be given, and what it lends and borrows. */
export function sharesOf({ limited, exempt }: PriorityLevelConfigurationSpec): {
  readonly shares: number;
  readonly lendablePercent: number;
  readonly borrowingLimitPercent: number | undefined;
} {
  const { nominalConcurrencyShares: shares = 0, lendablePercent = 0 } = limited ?? exempt ?? {};
  return { shares, lendablePercent, borrowingLimitPercent: limited?.borrowingLimitPercent };
}

function queueSetConfig({ limited }: PriorityLevelConfigurationSpec): QueueSetConfig {
  if (!limited) return { kind: 'exempt' };
  const { queuing } = limited.limitResponse;
  if (!queuing) return { kind: 'rejecting' };
  const { queues, handSize, queueLengthLimit } = queuing;
  return { kind: 'queueing', queues, handSize, queueLengthLimit };
}
