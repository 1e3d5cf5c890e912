import { Crowd } from '../../base/crowd.ts';
import type { Ticket } from './ticket.ts';

/** One queue of a priority level, and what runs of it. */
export class FairQueue {
  readonly index: number;
  /** Oldest first. */
  readonly waiting: Ticket[] = [];
  readonly executing = new Crowd<Ticket>();
  seatsInUse = 0;
  /** The level's progress at which the next request would start if every queue got the same. */
  nextProgress = 0;
  /** Seat-milliseconds of those that wait. */
  waitingWork = 0;

  constructor(index: number) {
    this.index = index;
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.executing.size === 0;
  }

  /** Nobody is served before he came: what a queue did not use it does not save up. */
  catchUp(): void {
    const oldest = this.waiting[0];
    if (oldest && this.nextProgress < oldest.arrivalProgress) this.nextProgress = oldest.arrivalProgress;
  }
}
