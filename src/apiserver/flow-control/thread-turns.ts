import type { Clock } from '../../base/clock.ts';
import type { Ticket } from './ticket.ts';
import { TurnWindow } from './turn-window.ts';

/** Requests of one priority level that wait. */
export interface Lane {
  readonly waiting: number;
  /** What it is to get of the thread in proportion to the others. */
  readonly weight: number;
  /** Seats it has got per weight; kept by ThreadTurns. */
  served: number;
  /** Takes the next request from those that wait, to be started now. */
  startNext(now: number): Ticket | undefined;
}

/** What thread turns need. */
export interface ThreadTurnsOptions {
  readonly clock: Clock;
  /** Calls back once this turn of the event loop has done what it has to do: `setImmediate`. */
  readonly afterTurn: (callback: () => void) => void;
  /** Seats that may be given out together. */
  readonly seats: number;
}

/** Milliseconds of a turn of the event loop in which requests are begun. */
const turnBudget = 2.5;
/** Seats per turn for those who ask for little: they need not wait for a turn among those who ask for much. */
const sparseSeats = 8;
/** Refusals per turn: they cost little, but who is refused may ask again at once. */
const refusalsPerTurn = 20;
/** Seats that are given out together, as long as requests end. Enough for the writes of a commit, and for those of the next. */
const usualSeats = 64;
/** How long nothing may end before more are given out, in milliseconds. */
const patience = 10;

/**
 * Who has the thread. All requests are served by one: however many seats a priority level has, those that came first in a
 * turn of the event loop would be served before all that come after. So no more is begun in a turn than fits into it, and
 * while requests wait, levels get their shares in turns, each choosing among its own. Where nobody waits, requests begin at
 * once.
 */
export class ThreadTurns {
  readonly #clock: Clock;
  readonly #afterTurn: ThreadTurnsOptions['afterTurn'];
  readonly #window: TurnWindow;
  readonly #lanes = new Set<Lane>();
  readonly #refusals: (() => void)[] = [];
  #refusedInTurn = 0;
  /** Seats of requests under way, and how many that may be. */
  #seats = 0;
  #most = usualSeats;
  /** Seats of requests that were begun in this turn; and of those of them that were begun before others that waited. */
  #begunInTurn = 0;
  #sparseInTurn = 0;
  #turn = 0;
  /** Milliseconds of this turn that requests have taken. */
  #spent = 0;
  #turnNoted = false;
  /** When the last turn ended in which requests were begun while others waited, if the loop has not rested since. */
  #lastBusy: number | undefined;
  #stuck: Disposable | undefined;
  /** `served` of the lane that had the last turn. */
  #level = 0;

  constructor({ clock, afterTurn, seats }: ThreadTurnsOptions) {
    this.#clock = clock;
    this.#afterTurn = afterTurn;
    this.#window = new TurnWindow(seats);
  }

  /** Whether a request may begin at once. */
  get isFree(): boolean {
    return this.#lanes.size === 0 && this.#hasRoom && this.#spent < turnBudget;
  }

  /** Whether a request of someone may begin at once who has had nothing of this turn, and has nothing else under way. */
  get isFreeForSparse(): boolean {
    return this.#sparseInTurn < sparseSeats;
  }

  /** Turns are told apart by it. */
  get turn(): number {
    return this.#turn;
  }

  get #hasRoom(): boolean {
    return this.#begunInTurn < this.#window.size && this.#seats < this.#most;
  }

  /** Seats that are given out in a turn. */
  get window(): number {
    return this.#window.size;
  }

  /** Notes that a request begins. */
  begin(seats: number): void {
    this.#seats += seats;
    this.#begunInTurn += seats;
    this.#noteTurn();
  }

  /** Notes that a request begins before others that wait. */
  beginSparse(seats: number): void {
    this.#sparseInTurn += seats;
  }

  /** Notes how long the thread was at a request without a break. */
  spend(milliseconds: number): void {
    this.#spent += milliseconds;
  }

  /** Notes that a request ended. */
  end(seats: number): void {
    this.#seats -= seats;
    this.wake();
  }

  /** Has a lane served; to be called when it has something waiting. */
  await(lane: Lane): void {
    if (!this.#lanes.has(lane)) {
      lane.served = Math.max(lane.served, this.#level);
      this.#lanes.add(lane);
    }
    this.#noteTurn();
  }

  /** Looks again whether what waits can begin; to be called when a level has got seats. */
  wake(): void {
    if (this.#lanes.size > 0) this.#noteTurn();
  }

  /** Refuses a request soon. */
  refuse(answer: () => void): void {
    this.#noteTurn();
    if (this.#refusedInTurn < refusalsPerTurn) {
      this.#refusedInTurn++;
      answer();
    } else this.#refusals.push(answer);
  }

  #noteTurn(): void {
    if (this.#turnNoted) return;
    this.#turnNoted = true;
    this.#afterTurn(() => this.#endTurn());
  }

  #endTurn(): void {
    this.#turnNoted = false;
    this.#spent = 0;
    this.#turn++;
    this.#begunInTurn = 0;
    this.#sparseInTurn = 0;
    this.#refusedInTurn = Math.min(this.#refusals.length, refusalsPerTurn);
    for (const answer of this.#refusals.splice(0, refusalsPerTurn)) answer();
    if (this.#refusals.length > 0) this.#noteTurn();
    if (this.#lanes.size > 0) this.#serve();
    else {
      this.#lastBusy = undefined;
      // Not while those are under way who wait for something else: nobody shall be patient with them again.
      if (this.#seats < usualSeats) this.#most = usualSeats;
    }
  }

  #serve(): void {
    const started = this.#clock.monotonic();
    if (this.#lastBusy !== undefined) this.#window.observe(started - this.#lastBusy);
    this.#stuck?.[Symbol.dispose]();
    this.#stuck = undefined;
    const begun = this.#beginWaiting(started);
    // Only then does the loop not rest before the next turn, so that the time until then tells how busy it is.
    this.#lastBusy = begun ? started : undefined;
    if (this.#lanes.size === 0) return;
    if (begun) this.#noteTurn();
    else if (this.#seats >= this.#most) this.#waitForSeats(started);
  }

  /** Whether any was begun. */
  #beginWaiting(started: number): boolean {
    const full = new Set<Lane>();
    let now = started;
    let begun = false;
    while (this.#hasRoom && now - started < turnBudget) {
      const lane = this.#nextLane(full);
      if (!lane) break;
      const ticket = lane.startNext(now);
      if (ticket) {
        begun = true;
        this.#level = lane.served;
        lane.served += ticket.seats / lane.weight;
        ticket.start?.();
        now = this.#clock.monotonic();
      } else full.add(lane);
      if (lane.waiting === 0) this.#lanes.delete(lane);
    }
    return begun;
  }

  #nextLane(full: ReadonlySet<Lane>): Lane | undefined {
    let next: Lane | undefined;
    for (const lane of this.#lanes) {
      if (!full.has(lane) && (!next || lane.served < next.served)) next = lane;
    }
    return next;
  }

  /** Seats of those who wait for a webhook, say, must not keep others from the thread. */
  #waitForSeats(started: number): void {
    this.#stuck = this.#clock.after(patience, () => {
      this.#stuck = undefined;
      if (this.#clock.monotonic() - started < 2 * patience) this.#most *= 2;
      this.#noteTurn();
    });
  }
}
