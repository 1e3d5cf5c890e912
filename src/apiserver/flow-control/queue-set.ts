import { Crowd } from '../../base/crowd.ts';
import { FairQueue } from './fair-queue.ts';
import { SeatDemand } from './seat-demand.ts';
import { estimatedDuration } from './ticket.ts';
import type { Ticket } from './ticket.ts';

/** What becomes of requests for which there are no seats. */
export type QueueSetConfig =
  | { readonly kind: 'exempt' | 'rejecting' }
  | {
      readonly kind: 'queueing';
      readonly queues: number;
      readonly handSize: number;
      readonly queueLengthLimit: number;
    };

/** Whether a request may begin at once: if nobody of its level waits; before others that wait for the thread; or not. */
export type Leave = 'ifNobodyWaits' | 'beforeOthers' | 'none';

/** Why a request is refused, as metrics say it. */
export type Refusal = 'queue-full' | 'concurrency-limit';

/** Counts since the level is there. */
export interface QueueSetCounts {
  dispatched: number;
  rejected: number;
  cancelled: number;
}

/**
 * The queues of a priority level, and who of those that wait is next: fair queuing, by the work that each queue got so far.
 * Pure: time comes with the calls (`now`, milliseconds). Source: apiserver's fairqueuing/queueset, from which it differs in
 * what progress is: seats in use per active queue, not those that could be. Here a level may have free seats and wait for
 * the thread; progress that nobody makes would bring those who come late behind all who wait.
 */
export class QueueSet {
  readonly demand: SeatDemand;
  readonly counts: QueueSetCounts = { dispatched: 0, rejected: 0, cancelled: 0 };
  #config: QueueSetConfig;
  #limit: number;
  #queues: FairQueue[] = [];
  /** In the order in which they had their turn. */
  readonly #waitingQueues = new Set<FairQueue>();
  /** Queues with anything in them. */
  #active = 0;
  #progress = 0;
  #syncedAt: number;
  #enqueues = 0;
  #waiting = 0;
  #seatsWaiting = 0;
  #executing = 0;
  #seatsInUse = 0;
  readonly #exempt = new Crowd<Ticket>();

  constructor(config: QueueSetConfig, limit: number, now: number) {
    this.#config = config;
    this.#limit = limit;
    this.#syncedAt = now;
    this.demand = new SeatDemand(now);
    this.configure(config);
  }

  /** Takes new settings. Requests in queues that are too many stay there until they had their turn. */
  configure(config: QueueSetConfig): void {
    this.#config = config;
    const count = config.kind === 'queueing' ? config.queues : config.kind === 'rejecting' ? 1 : 0;
    this.#queues = Array.from({ length: count }, (_, index) => this.#queues[index] ?? new FairQueue(index));
  }

  get config(): QueueSetConfig {
    return this.#config;
  }

  /** Seats that may be in use together. */
  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get executing(): number {
    return this.#executing;
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }

  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }

  get progress(): number {
    return this.#progress;
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.#executing === 0;
  }

  /** The queues there are, those that are only being emptied last. */
  *queues(): Generator<FairQueue> {
    yield* this.#queues;
    for (const queue of this.#waitingQueues) if (this.#queues[queue.index] !== queue) yield queue;
  }

  /** What runs without having come through a queue. */
  get queueless(): Crowd<Ticket> {
    return this.#exempt;
  }

  /** Takes a request: it starts at once, if it may and there are seats; or it waits; or it is refused, and why. */
  admit(ticket: Ticket, leave: Leave, now: number): 'started' | 'waiting' | Refusal {
    this.#sync(now);
    ticket.arrivedAt = now;
    ticket.arrivalProgress = this.#progress;
    if (this.#config.kind === 'exempt') {
      this.#begin(ticket, now);
      return 'started';
    }
    const queue = this.#choose(ticket.hand);
    ticket.queue = queue;
    if (this.#mayBegin(ticket, leave)) {
      this.#activate(queue);
      this.#begin(ticket, now);
      return 'started';
    }
    const refusal = this.#refusalOf(ticket, queue);
    if (refusal) {
      this.counts.rejected++;
      return refusal;
    }
    this.#activate(queue);
    this.#enqueue(ticket, queue);
    this.#noteDemand(now);
    return 'waiting';
  }

  /** Takes the next request out of its queue, to be started; undefined if none waits or there are no seats for it. */
  startNext(now: number): Ticket | undefined {
    this.#sync(now);
    const queue = this.#nextQueue();
    const ticket = queue?.waiting[0];
    if (!queue || !ticket || !this.#fits(ticket.seats)) return undefined;
    this.#dequeue(ticket, queue, 0);
    // To the end, so that among equals each has its turn.
    if (this.#waitingQueues.delete(queue) && queue.waiting.length > 0) this.#waitingQueues.add(queue);
    this.#begin(ticket, now);
    queue.catchUp();
    return ticket;
  }

  /** Takes a request out of its queue that shall not start any more; false if it does not wait. */
  withdraw(ticket: Ticket, now: number): boolean {
    const { queue } = ticket;
    const index = queue?.waiting.indexOf(ticket) ?? -1;
    if (!queue || index < 0) return false;
    this.#sync(now);
    this.#dequeue(ticket, queue, index);
    this.#deactivate(queue);
    queue.catchUp();
    this.counts.cancelled++;
    this.counts.rejected++;
    this.#noteDemand(now);
    return true;
  }

  /** Notes that a request that was started has its answer. Its seats are free after so many milliseconds: see `release`. */
  finish(ticket: Ticket, now: number): number {
    this.#sync(now);
    const { queue, startedAt } = ticket;
    this.#executing--;
    ticket.place?.[Symbol.dispose]();
    if (queue) {
      queue.nextProgress += ticket.estimate.initialSeats * (now - startedAt - estimatedDuration);
      queue.catchUp();
      this.#deactivate(queue);
    }
    if (ticket.lingering <= 0) this.release(ticket, now);
    return ticket.lingering;
  }

  /** Frees the seats of a request, some time after `finish` where that said so. */
  release(ticket: Ticket, now: number): void {
    this.#sync(now);
    this.#seatsInUse -= ticket.seats;
    if (ticket.queue) ticket.queue.seatsInUse -= ticket.seats;
    this.#noteDemand(now);
  }

  #mayBegin({ seats }: Ticket, leave: Leave): boolean {
    if (leave === 'none') return false;
    if (this.#waiting === 0) return this.#fits(seats);
    // Others must not be waiting for seats.
    return leave === 'beforeOthers' && this.#seatsInUse + seats <= this.#limit / 2;
  }

  /** The queue of the hand in which the least work waits; those with equally little take turns. */
  #choose(hand: readonly number[]): FairQueue {
    const { length } = hand;
    if (length === 0) return this.#queues[0]!;
    const offset = this.#enqueues++ % length;
    let best: FairQueue | undefined;
    for (let i = 0; i < length; i++) {
      const queue = this.#queues[hand[(offset + i) % length]!]!;
      if (queue.waitingWork === 0) return queue;
      if (!best || queue.waitingWork < best.waitingWork) best = queue;
    }
    return best!;
  }

  #refusalOf({ seats }: Ticket, queue: FairQueue): Refusal | undefined {
    if (this.#config.kind === 'queueing') {
      return queue.waiting.length >= this.#config.queueLengthLimit ? 'queue-full' : undefined;
    }
    // Without queues nobody waits for seats; but for the thread, those do who have seats.
    const wanted = this.#seatsInUse + this.#seatsWaiting + seats;
    return wanted > this.#limit && !this.isIdle ? 'concurrency-limit' : undefined;
  }

  /** One request that wants more than there are runs alone; where there are none, those in queues stay there. */
  #fits(seats: number): boolean {
    if (this.#seatsInUse + seats <= this.#limit) return true;
    if (seats <= this.#limit || this.#executing > 0) return false;
    return this.#config.kind === 'rejecting' || this.#seatsInUse < this.#limit;
  }

  /** The queue whose first request would be done earliest. */
  #nextQueue(): FairQueue | undefined {
    let next: FairQueue | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const queue of this.#waitingQueues) {
      const done = queue.nextProgress + queue.waiting[0]!.work;
      if (done < earliest) [next, earliest] = [queue, done];
    }
    return next;
  }

  #enqueue(ticket: Ticket, queue: FairQueue): void {
    queue.waiting.push(ticket);
    queue.waitingWork += ticket.work;
    this.#waitingQueues.add(queue);
    this.#waiting++;
    this.#seatsWaiting += ticket.seats;
    queue.catchUp();
  }

  #dequeue(ticket: Ticket, queue: FairQueue, index: number): void {
    queue.waiting.splice(index, 1);
    queue.waitingWork = queue.waiting.length === 0 ? 0 : queue.waitingWork - ticket.work;
    if (queue.waiting.length === 0) this.#waitingQueues.delete(queue);
    this.#waiting--;
    this.#seatsWaiting -= ticket.seats;
  }

  #begin(ticket: Ticket, now: number): void {
    const { queue } = ticket;
    ticket.startedAt = now;
    this.#narrow(ticket);
    this.counts.dispatched++;
    this.#executing++;
    this.#seatsInUse += ticket.seats;
    if (queue) {
      queue.seatsInUse += ticket.seats;
      queue.nextProgress += ticket.work;
    }
    ticket.place = (queue?.executing ?? this.#exempt).add(ticket);
    this.#noteDemand(now);
  }

  /** What is wider at the end than the level is takes as much longer instead. */
  #narrow(ticket: Ticket): void {
    const { initialSeats, finalSeats, additionalLatency } = ticket.estimate;
    if (finalSeats <= this.#limit || this.#config.kind === 'exempt') return;
    const final = Math.max(1, this.#limit);
    ticket.seats = Math.max(initialSeats, final);
    ticket.lingering = (finalSeats * additionalLatency) / final;
  }

  #activate(queue: FairQueue): void {
    if (!queue.isIdle) return;
    queue.nextProgress = this.#progress;
    this.#active++;
  }

  #deactivate(queue: FairQueue): void {
    if (queue.isIdle) this.#active--;
  }

  /** Progress is what each active queue has got on average, in seat-milliseconds. */
  #sync(now: number): void {
    const passed = now - this.#syncedAt;
    if (passed <= 0) return;
    this.#syncedAt = now;
    if (this.#active > 0) this.#progress += (passed * this.#seatsInUse) / this.#active;
  }

  #noteDemand(now: number): void {
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, now);
  }
}
