import { describe, expect, test } from 'vitest';
import { QueueSet } from './queue-set.ts';
import type { QueueSetConfig } from './queue-set.ts';
import { Ticket } from './ticket.ts';
import type { WorkEstimate } from './ticket.ts';
import { oneSeat } from './work-estimate.ts';

const queueing: QueueSetConfig = { kind: 'queueing', queues: 8, handSize: 1, queueLengthLimit: 50 };

/** A level with a clock, whose requests last so many milliseconds each. */
class Level {
  readonly queues: QueueSet;
  now = 0;
  /** The flows of those that ran, in order. */
  readonly ran: string[] = [];
  readonly #flows = new Map<Ticket, { readonly flow: string; readonly lasts: number }>();
  readonly #running: { readonly ticket: Ticket; readonly until: number }[] = [];

  constructor(limit: number, config: QueueSetConfig = queueing) {
    this.queues = new QueueSet(config, limit, 0);
  }

  arrive(flow: string, hand: readonly number[], options: { lasts?: number; estimate?: WorkEstimate } = {}): string {
    const ticket = this.ticket(flow, hand, options);
    const outcome = this.queues.admit(ticket, 'ifNobodyWaits', this.now);
    if (outcome === 'started') this.#start(ticket);
    return outcome;
  }

  ticket(flow: string, hand: readonly number[], { lasts = 3, estimate = oneSeat } = {}): Ticket {
    const ticket = new Ticket(estimate, hand);
    this.#flows.set(ticket, { flow, lasts });
    return ticket;
  }

  /** Serves for so many milliseconds; `refill` is called after each of them. */
  serve(milliseconds: number, refill: () => void = () => undefined): void {
    for (let passed = 0; passed < milliseconds; passed++) {
      this.now++;
      for (const { ticket } of this.#running.filter(({ until }) => until <= this.now)) {
        this.#running.splice(
          this.#running.findIndex((entry) => entry.ticket === ticket),
          1,
        );
        if (this.queues.finish(ticket, this.now) > 0) this.queues.release(ticket, this.now);
      }
      refill();
      for (let next = this.queues.startNext(this.now); next; next = this.queues.startNext(this.now)) this.#start(next);
    }
  }

  #start(ticket: Ticket): void {
    const { flow, lasts } = this.#flows.get(ticket)!;
    this.ran.push(flow);
    this.#running.push({ ticket, until: this.now + lasts });
  }
}

const count = (ran: readonly string[], flow: string): number => ran.filter((one) => one === flow).length;

describe('fairness', () => {
  test('a flow that asks little is served at once, however many requests of another wait', () => {
    const level = new Level(2);
    for (let index = 0; index < 40; index++) level.arrive('flood', [0]);
    level.serve(9);
    level.arrive('quiet', [1]);
    const before = level.ran.length;
    level.serve(3);
    expect(level.ran.slice(before, before + 2)).toContain('quiet');
  });

  test('two flows that ask for all they can get have half each', () => {
    const level = new Level(4);
    level.serve(300, () => {
      while (level.arrive('a', [0]) !== 'queue-full');
      while (level.arrive('b', [1]) !== 'queue-full');
    });
    const [a, b] = [count(level.ran, 'a'), count(level.ran, 'b')];
    expect(a + b).toBeGreaterThan(380);
    expect(Math.abs(a - b)).toBeLessThan(10);
  });

  test('whose requests last longer than expected gets fewer of them', () => {
    const level = new Level(4);
    level.serve(600, () => {
      while (level.arrive('short', [0], { lasts: 3 }) !== 'queue-full');
      while (level.arrive('long', [1], { lasts: 12 }) !== 'queue-full');
    });
    const ratio = count(level.ran, 'short') / count(level.ran, 'long');
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(5);
  });

  test('whose requests take more seats gets fewer of them', () => {
    const level = new Level(6);
    const wide = { initialSeats: 3, finalSeats: 0, additionalLatency: 0 };
    level.serve(600, () => {
      while (level.arrive('narrow', [0]) !== 'queue-full');
      while (level.arrive('wide', [1], { estimate: wide }) !== 'queue-full');
    });
    const ratio = count(level.ran, 'narrow') / count(level.ran, 'wide');
    expect(ratio).toBeGreaterThan(2.4);
    expect(ratio).toBeLessThan(3.6);
  });

  test('a flow that was idle has saved nothing up', () => {
    const level = new Level(1);
    const busy = (): void => {
      while (level.arrive('busy', [0]) !== 'queue-full');
    };
    level.serve(300, busy);
    const before = level.ran.length;
    level.serve(120, () => {
      busy();
      while (level.arrive('late', [1]) !== 'queue-full');
    });
    const late = count(level.ran.slice(before), 'late');
    expect(late).toBeGreaterThan(16);
    expect(late).toBeLessThan(24);
  });
});

describe('before others', () => {
  const admit = (level: Level, flow: string, queue: number): string =>
    level.queues.admit(level.ticket(flow, [queue]), 'beforeOthers', level.now);

  test('that wait for the thread a request may begin, as long as there are seats enough', () => {
    const level = new Level(8);
    for (let index = 0; index < 20; index++) level.queues.admit(level.ticket('flood', [0]), 'none', 0);
    expect(Array.from({ length: 5 }, () => admit(level, 'quiet', 1))).toEqual([
      ...['started', 'started', 'started', 'started', 'waiting'],
    ]);
  });

  test('that wait for seats nobody begins', () => {
    const level = new Level(2);
    for (let index = 0; index < 5; index++) level.arrive('flood', [0]);
    expect(admit(level, 'quiet', 1)).toBe('waiting');
  });
});

describe('shuffle sharding', () => {
  test('a request waits in the queue of its hand in which the least work waits', () => {
    const level = new Level(0);
    for (let index = 0; index < 10; index++) level.arrive('flood', [0, 1, 2]);
    level.arrive('other', [2, 3, 4]);
    level.arrive('other', [2, 3, 4]);
    const lengths = [...level.queues.queues()].map(({ waiting }) => waiting.length);
    expect(lengths.slice(0, 3).reduce((sum, length) => sum + length)).toBe(10);
    expect(lengths.slice(3)).toEqual([1, 1, 0, 0, 0]);
  });
});

describe('limits', () => {
  test('no more seats are in use than there are', () => {
    const level = new Level(3);
    expect(Array.from({ length: 5 }, () => level.arrive('a', [0]))).toEqual([
      ...['started', 'started', 'started'],
      ...['waiting', 'waiting'],
    ]);
    expect(level.queues).toMatchObject({ seatsInUse: 3, executing: 3, waiting: 2, seatsWaiting: 2 });
    level.serve(3);
    expect(level.queues).toMatchObject({ seatsInUse: 2, waiting: 0 });
  });

  test('a request that takes more seats than there are runs alone', () => {
    const level = new Level(2);
    const wide = { initialSeats: 5, finalSeats: 0, additionalLatency: 0 };
    level.arrive('narrow', [0]);
    expect(level.arrive('wide', [1], { estimate: wide })).toBe('waiting');
    level.serve(2);
    expect(level.ran).toEqual(['narrow']);
    level.serve(1);
    expect(level.ran).toEqual(['narrow', 'wide']);
    expect(level.arrive('narrow', [0])).toBe('waiting');
  });

  test('where there are no seats at all, requests stay in their queues', () => {
    const level = new Level(0);
    expect(level.arrive('a', [0])).toBe('waiting');
    level.serve(10);
    expect(level.ran).toEqual([]);
  });

  test('seats are kept after the answer while watchers hear of it', () => {
    const { queues } = new Level(8);
    const ticket = new Ticket({ initialSeats: 1, finalSeats: 4, additionalLatency: 5 }, [0]);
    expect(queues.admit(ticket, 'ifNobodyWaits', 0)).toBe('started');
    expect(queues.seatsInUse).toBe(4);
    expect(queues.finish(ticket, 2)).toBe(5);
    expect(queues).toMatchObject({ seatsInUse: 4, executing: 0, isIdle: true });
    queues.release(ticket, 7);
    expect(queues.seatsInUse).toBe(0);
  });

  test('what is wider at its end than the level takes longer instead', () => {
    const { queues } = new Level(2);
    const ticket = new Ticket({ initialSeats: 1, finalSeats: 10, additionalLatency: 5 }, [0]);
    queues.admit(ticket, 'ifNobodyWaits', 0);
    expect(queues.seatsInUse).toBe(2);
    expect(queues.finish(ticket, 1)).toBe(25);
  });
});

describe('refusals', () => {
  test('who finds its queue full is refused', () => {
    const level = new Level(1, { ...queueing, queueLengthLimit: 2 });
    expect(Array.from({ length: 4 }, () => level.arrive('a', [0]))).toEqual([
      ...['started', 'waiting', 'waiting', 'queue-full'],
    ]);
    expect(level.arrive('b', [1])).toBe('waiting');
    expect(level.queues.counts).toMatchObject({ rejected: 1 });
  });

  test('a level without queues refuses whom it has no seats for', () => {
    const level = new Level(2, { kind: 'rejecting' });
    expect(Array.from({ length: 3 }, () => level.arrive('a', []))).toEqual(['started', 'started', 'concurrency-limit']);
    level.serve(3);
    expect(level.arrive('a', [])).toBe('started');
  });

  test('a level without queues has those wait for the thread whom it has seats for', () => {
    const level = new Level(2, { kind: 'rejecting' });
    const admit = (): string => level.queues.admit(level.ticket('a', []), 'none', 0);
    expect([admit(), admit(), admit()]).toEqual(['waiting', 'waiting', 'concurrency-limit']);
    level.serve(1);
    expect(level.ran).toEqual(['a', 'a']);
  });

  test('an exempt level takes everybody', () => {
    const level = new Level(0, { kind: 'exempt' });
    expect(Array.from({ length: 1000 }, () => level.arrive('a', []))).not.toContain('waiting');
    expect(level.queues).toMatchObject({ executing: 1000, seatsInUse: 1000 });
  });
});

describe('changes', () => {
  test('who gives up while waiting leaves room, and those behind move up', () => {
    const level = new Level(1, { ...queueing, queueLengthLimit: 2 });
    level.arrive('first', [0]);
    const leaving = level.ticket('leaving', [0]);
    level.queues.admit(leaving, 'ifNobodyWaits', 0);
    level.arrive('behind', [0]);
    expect(level.queues.withdraw(leaving, 1)).toBe(true);
    expect(level.queues.withdraw(leaving, 1)).toBe(false);
    expect(level.queues).toMatchObject({ waiting: 1, seatsWaiting: 1 });
    expect(level.arrive('next', [0])).toBe('waiting');
    level.serve(20);
    expect(level.ran).toEqual(['first', 'behind', 'next']);
    expect(level.queues.counts.cancelled).toBe(1);
  });

  test('queues that are too many are emptied before they go', () => {
    const level = new Level(1);
    for (let queue = 0; queue < 8; queue++) level.arrive(`flow-${queue}`, [queue]);
    level.queues.configure({ ...queueing, queues: 2 });
    expect([...level.queues.queues()].length).toBe(8);
    level.serve(30);
    expect(new Set(level.ran).size).toBe(8);
    expect([...level.queues.queues()].length).toBe(2);
  });

  test('more seats serve more, fewer are waited for', () => {
    const level = new Level(1);
    for (let index = 0; index < 6; index++) level.arrive('a', [0], { lasts: 10 });
    level.queues.limit = 4;
    level.serve(1);
    expect(level.queues.executing).toBe(4);
    level.queues.limit = 1;
    level.serve(10);
    expect(level.queues.executing).toBe(1);
  });

  test('what is wanted is measured over time', () => {
    const level = new Level(1);
    level.queues.demand.reset(0);
    level.arrive('a', [0], { lasts: 10 });
    level.arrive('a', [0], { lasts: 10 });
    level.serve(20);
    // Two for ten milliseconds, one for the next ten.
    expect(level.queues.demand.reset(20)).toEqual({ average: 1.5, deviation: 0.5, highest: 2 });
    expect(level.queues.demand.reset(30)).toEqual({ average: 0, deviation: 0, highest: 0 });
  });
});
