import type { FairQueue } from './fair-queue.ts';

/** What serving a request is expected to take. */
export interface WorkEstimate {
  readonly initialSeats: number;
  /** Seats that are taken up after the answer, while those who watch are told. */
  readonly finalSeats: number;
  /** Milliseconds for which they are. */
  readonly additionalLatency: number;
}

/** How long a request is taken to last before it is known, in milliseconds. Source: apiserver's queueset. */
export const estimatedDuration = 3;

/** A request on its way through a priority level. */
export class Ticket {
  readonly estimate: WorkEstimate;
  /** Queues that the request may wait in. */
  readonly hand: readonly number[];
  /** What is to be done when it starts after having waited. */
  start: (() => void) | undefined;
  /** Seat-milliseconds. */
  readonly work: number;
  seats: number;
  /** Milliseconds for which the seats are kept after the answer. */
  lingering: number;
  queue: FairQueue | undefined;
  /** Its place among those that run. */
  place: Disposable | undefined;
  arrivedAt = 0;
  startedAt = 0;
  /** The progress of its level when it came. */
  arrivalProgress = 0;

  constructor(estimate: WorkEstimate, hand: readonly number[]) {
    const { initialSeats, finalSeats, additionalLatency } = estimate;
    this.estimate = estimate;
    this.hand = hand;
    this.start = undefined;
    this.seats = Math.max(initialSeats, finalSeats);
    this.lingering = additionalLatency;
    this.work = initialSeats * estimatedDuration + finalSeats * additionalLatency;
  }
}
