import { expect, test } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { ThreadTurns } from './thread-turns.ts';
import type { Lane } from './thread-turns.ts';
import { Ticket } from './ticket.ts';
import { oneSeat } from './work-estimate.ts';

/** An event loop that turns when it is told to, and whose time passes while requests take it. */
class Loop {
  time = 0;
  readonly timers: { readonly at: number; readonly fire: () => void }[] = [];
  readonly clock: Clock = {
    now: () => this.time,
    monotonic: () => this.time,
    sleep: () => Promise.reject(new Error('nobody sleeps here')),
    after: (ms, fire) => {
      const timer = { at: this.time + ms, fire };
      this.timers.push(timer);
      return { [Symbol.dispose]: () => void this.timers.splice(this.timers.indexOf(timer), 1) };
    },
  };
  readonly turns: ThreadTurns;
  readonly begun: string[] = [];
  #afterTurn: (() => void)[] = [];

  constructor(seats = 600) {
    this.turns = new ThreadTurns({
      clock: this.clock,
      afterTurn: (callback) => void this.#afterTurn.push(callback),
      seats,
    });
  }

  get isResting(): boolean {
    return this.#afterTurn.length === 0;
  }

  /** What was asked for after this turn, and then whatever takes so many milliseconds. */
  turn(milliseconds = 0): void {
    this.time += milliseconds;
    for (const timer of this.timers.filter(({ at }) => at <= this.time)) {
      this.timers.splice(this.timers.indexOf(timer), 1);
      timer.fire();
    }
    for (const callback of this.#afterTurn.splice(0)) callback();
  }

  /** Requests that take the thread for so many milliseconds each, and are over then unless they wait for something else. */
  lane(name: string, weight: number, { count = 1000, lasts = 0.1, ends = true } = {}): Lane {
    let waiting = count;
    const { turns, begun } = this;
    const spend = (): void => void (this.time += lasts);
    const lane: Lane = {
      weight,
      served: 0,
      get waiting() {
        return waiting;
      },
      startNext() {
        const ticket = new Ticket(oneSeat, []);
        ticket.start = () => {
          waiting--;
          begun.push(name);
          turns.begin(1);
          spend();
          if (ends) turns.end(1);
        };
        return ticket;
      },
    };
    turns.await(lane);
    return lane;
  }
}

test('where nobody waits, a request may begin at once, as long as the turn has room', () => {
  const { turns, timers } = new Loop();
  expect(turns.isFree).toBe(true);
  for (let seats = 0; seats < 64; seats++) {
    expect(turns.isFree).toBe(true);
    turns.begin(1);
    turns.end(1);
  }
  expect(turns.isFree).toBe(false);
  expect(timers).toEqual([]);
});

test('a turn that has taken long enough has no room; the next one has', () => {
  const loop = new Loop();
  loop.turns.begin(1);
  loop.turns.spend(3);
  loop.turns.end(1);
  expect(loop.turns.isFree).toBe(false);
  loop.turn();
  expect(loop.turns.isFree).toBe(true);
  expect(loop.isResting).toBe(true);
});

test('while requests wait, a turn begins what fits into it, and the next one goes on', () => {
  const loop = new Loop();
  loop.lane('a', 1, { count: 40, lasts: 0.5 });
  expect(loop.turns.isFree).toBe(false);
  const perTurn: number[] = [];
  while (!loop.isResting) {
    const before = loop.begun.length;
    loop.turn();
    perTurn.push(loop.begun.length - before);
  }
  // In the last one nothing is left.
  expect(perTurn).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 0]);
  expect(loop.turns.isFree).toBe(true);
});

test('levels have turns by their weights, also one that comes late', () => {
  const loop = new Loop();
  loop.lane('heavy', 30);
  loop.lane('light', 10);
  while (loop.begun.length < 200) loop.turn();
  expect(loop.begun.filter((name) => name === 'heavy').length).toBeCloseTo(150, -1);
  const before = loop.begun.length;
  loop.lane('late', 10);
  while (loop.begun.length < before + 100) loop.turn();
  const after = loop.begun.slice(before, before + 100);
  expect(after.indexOf('late')).toBeLessThan(5);
  expect(after.filter((name) => name === 'late').length).toBeCloseTo(20, -1);
});

test('a level without seats keeps no other from the thread', () => {
  const loop = new Loop();
  loop.turns.await({ weight: 100, served: 0, waiting: 5, startNext: () => undefined });
  loop.lane('other', 1, { count: 10 });
  loop.turn();
  expect(loop.begun.length).toBe(10);
  loop.turn();
  // Nothing can be begun: the loop rests until a seat is free.
  expect(loop.isResting).toBe(true);
  loop.turns.wake();
  expect(loop.isResting).toBe(false);
});

test('less is begun per turn while turns are long, and more when they are short again', () => {
  const loop = new Loop();
  loop.lane('a', 1, { count: 100_000, lasts: 0.001 });
  loop.turn();
  const atFirst = loop.turns.window;
  for (let turn = 0; turn < 20; turn++) loop.turn(20);
  expect(loop.turns.window).toBe(8);
  const before = loop.begun.length;
  loop.turn(20);
  expect(loop.begun.length - before).toBe(8);
  for (let turn = 0; turn < 40; turn++) loop.turn(1);
  expect(loop.turns.window).toBeGreaterThan(atFirst);
});

test('requests that wait for something else than the thread do not keep others from it for long', () => {
  const loop = new Loop();
  loop.lane('slow', 1, { count: 300, ends: false });
  for (let passed = 0; passed < 100 && loop.begun.length < 300; passed++) loop.turn(5);
  expect(loop.begun.length).toBe(300);
  // Nor does it take that long again while they go on.
  loop.turn();
  expect(loop.turns.isFree).toBe(true);
});

test('those who are refused hear of it a few at a time', () => {
  const loop = new Loop();
  let refused = 0;
  for (let request = 0; request < 50; request++) loop.turns.refuse(() => refused++);
  expect(refused).toBe(20);
  loop.turn();
  expect(refused).toBe(40);
  loop.turns.refuse(() => refused++);
  expect(refused).toBe(40);
  loop.turn();
  expect(refused).toBe(51);
  loop.turn();
  expect(loop.isResting).toBe(true);
});

test('before others that wait, only so many begin in a turn', () => {
  const loop = new Loop();
  loop.lane('waiting', 1);
  for (let seats = 0; seats < 8; seats++) {
    expect(loop.turns.isFreeForSparse).toBe(true);
    loop.turns.begin(1);
    loop.turns.beginSparse(1);
  }
  expect(loop.turns.isFreeForSparse).toBe(false);
  const { turn } = loop.turns;
  loop.turn();
  expect(loop.turns.isFreeForSparse).toBe(true);
  expect(loop.turns.turn).not.toBe(turn);
});
