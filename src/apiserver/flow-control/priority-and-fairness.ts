import type { Clock } from '../../base/clock.ts';
import { Deadlines } from '../http/deadlines.ts';
import type { User } from '../ports.ts';
import { Classifier, SchemaInUse, mandatorySchemas } from './classifier.ts';
import type { ClassifiedRequest, Flow, SchemaObject } from './classifier.ts';
import { RequestEstimator } from './estimate-request.ts';
import type { FindCache } from './estimate-request.ts';
import { renderMetrics } from './flow-control-metrics.ts';
import { refuse } from './flow-control.ts';
import type { ArrivedRequest, FlowControl } from './flow-control.ts';
import type { Leave } from './queue-set.ts';
import type { LevelObject } from './priority-level.ts';
import { PriorityLevels } from './priority-levels.ts';
import { classOf, isLongRunning } from './request-class.ts';
import { SchemaCounters } from './schema-counters.ts';
import { ServedRequest } from './served-request.ts';
import { ThreadTurns } from './thread-turns.ts';
import { oneSeat } from './work-estimate.ts';

/** What priority and fairness need. */
export interface PriorityAndFairnessOptions {
  readonly clock: Clock;
  /** Seats of the whole server: --max-requests-inflight and --max-mutating-requests-inflight together. */
  readonly seats: number;
  readonly findCache: FindCache;
  /** See ThreadTurns. Default: setImmediate. */
  readonly afterTurn?: ((callback: () => void) => void) | undefined;
}

/** How often seats are lent and borrowed anew, in milliseconds. Source: apiserver's borrowingAdjustmentPeriod. */
const adjustmentPeriod = 10_000;
/** Answers of which so many bytes have not been sent keep their seats until they have, but no longer than that (ms). */
const largeAnswer = 64 * 1024;
const longestSending = 1000;

/**
 * Sorts requests into priority levels by FlowSchemas, and serves what each level has seats for; the others wait in queues that
 * are served fairly, or are refused. Without anything in the store there are the levels and schemas that must be.
 */
export class PriorityAndFairness implements FlowControl {
  readonly levels: PriorityLevels;
  readonly #clock: Clock;
  readonly #turns: ThreadTurns;
  readonly #estimator: RequestEstimator;
  readonly #deadlines: Deadlines;
  readonly #counters = new Map<string, SchemaCounters>();
  #levelObjects: readonly LevelObject[] = [];
  #schemaObjects: readonly SchemaObject[] = [];
  #classifier: Classifier;

  constructor({
    clock,
    seats,
    findCache,
    afterTurn = (callback) => void setImmediate(callback),
  }: PriorityAndFairnessOptions) {
    this.#clock = clock;
    this.levels = new PriorityLevels(seats, clock.monotonic());
    this.#turns = new ThreadTurns({ clock, afterTurn, seats });
    this.#estimator = new RequestEstimator(findCache, clock);
    this.#deadlines = new Deadlines(clock);
    this.#classifier = this.#classifierOf([]);
  }

  /** Every schema that requests are asked about, in the order in which they are. */
  get schemas(): readonly SchemaInUse[] {
    return this.#classifier.schemas;
  }

  /** Takes the configuration. Schemas whose level is not there are left out. */
  configure(levels: readonly LevelObject[], schemas: readonly SchemaObject[]): void {
    this.#levelObjects = levels;
    this.#schemaObjects = schemas;
    this.#reconfigure();
  }

  /** Adjusts what levels lend and borrow until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(adjustmentPeriod, signal).catch(() => undefined);
      if (signal.aborted) break;
      if (this.levels.hasIdleLeftovers) this.#reconfigure();
      else this.levels.adjust(this.#clock.monotonic());
      this.#turns.wake();
    }
  }

  serve(request: ArrivedRequest, user: User, answer: () => Promise<void> | void): Promise<void> | void {
    const asked = classOf(request);
    if (isLongRunning(asked)) return answer();
    const schema = this.#classifier.classify(user, asked);
    const { exchange } = request;
    exchange.standing = { ...exchange.standing, ...schema.headers };
    const served = this.#begin(schema, asked, { request, user, answer });
    const now = this.#clock.monotonic();
    const { level, counters } = schema;
    const leave = this.#leaveOf(served.flow);
    const outcome = level.queues.admit(served, leave, now);
    served.flow.underWay++;
    if (outcome === 'started') {
      if (leave === 'beforeOthers' && !level.isExempt) this.#turns.beginSparse(served.seats);
      return this.#run(served);
    }
    if (outcome === 'waiting') return this.#wait(served);
    served.flow.underWay--;
    counters.reject(outcome);
    return this.#refuse(served);
  }

  /** Who asks for little does not wait among those who ask for much. */
  #leaveOf({ underWay, turn }: Flow): Leave {
    if (this.#turns.isFree) return 'ifNobodyWaits';
    return underWay === 0 && turn !== this.#turns.turn && this.#turns.isFreeForSparse ? 'beforeOthers' : 'none';
  }

  render(): string {
    return renderMetrics(this, this.#turns.window);
  }

  #reconfigure(): void {
    const usable = this.levels.configure(this.#levelObjects, this.#clock.monotonic());
    this.#classifier = this.#classifierOf(
      this.#schemaObjects.filter(({ spec }) => usable.has(spec.priorityLevelConfiguration.name)),
    );
    this.#turns.wake();
  }

  #classifierOf(objects: readonly SchemaObject[]): Classifier {
    const missing = mandatorySchemas.filter(
      ({ metadata }) => !objects.some((object) => object.metadata.name === metadata.name),
    );
    return new Classifier(
      [...missing, ...objects].flatMap((object) => {
        const level = this.levels.get(object.spec.priorityLevelConfiguration.name);
        return level ? [new SchemaInUse(object, level, this.#countersOf(object.metadata.name, level.name))] : [];
      }),
    );
  }

  #countersOf(schema: string, level: string): SchemaCounters {
    const key = `${level}/${schema}`;
    let counters = this.#counters.get(key);
    if (!counters) this.#counters.set(key, (counters = new SchemaCounters()));
    return counters;
  }

  #begin(schema: SchemaInUse, asked: ClassifiedRequest, parts: ServedParts): ServedRequest {
    const { level, counters } = schema;
    const { request, user, answer } = parts;
    // Nobody waits for the seats of those who have no limit.
    const estimate = level.isExempt ? oneSeat : this.#estimator.estimate(asked, request.target, level.maxSeats);
    const flow = schema.flowOf(user, asked.namespace);
    const served = new ServedRequest(estimate, { schema, asked, flow, request, user, answer });
    counters.seats.observe(served.seats);
    return served;
  }

  #refuse({ request, schema }: ServedRequest): Promise<void> {
    const seconds = schema.level.retryAfter.refuse(this.#clock.now());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turns.refuse(() => {
      refuse(request, seconds);
      resolve();
    });
    return promise;
  }

  #wait(served: ServedRequest): Promise<void> {
    const { schema, request, seats } = served;
    const { counters, level } = schema;
    counters.waiting++;
    counters.seatsWaiting += seats;
    counters.queueLengths.observe(served.queue?.waiting.length ?? 0);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.#deadlines.after(request.timeout / 4, () =>
      this.#giveUp(served, () => void this.#refuse(served).then(resolve)),
    );
    served.start = () => {
      timer[Symbol.dispose]();
      this.#leaveQueue(served, seats, true);
      try {
        const answering = this.#run(served);
        if (answering) answering.then(resolve, reject);
        else resolve();
      } catch (error) {
        reject(error);
      }
    };
    // Nobody is there any more to be answered.
    request.exchange.onClose(() => this.#giveUp(served, resolve));
    this.#turns.await(level);
    return promise;
  }

  /** Takes one out of its queue that will not be served; nothing happens if it is being served already. */
  #giveUp(served: ServedRequest, then: () => void): void {
    const { schema, seats } = served;
    if (!schema.level.queues.withdraw(served, this.#clock.monotonic())) return;
    this.#leaveQueue(served, seats, false);
    served.flow.underWay--;
    schema.counters.reject('time-out');
    this.#turns.wake();
    then();
  }

  #leaveQueue({ schema, arrivedAt }: ServedRequest, seats: number, runs: boolean): void {
    const { counters } = schema;
    counters.waiting--;
    counters.seatsWaiting -= seats;
    const seconds = (this.#clock.monotonic() - arrivedAt) / 1000;
    (runs ? counters.waitedToRun : counters.waitedInVain).observe(seconds);
  }

  #run(served: ServedRequest): Promise<void> | void {
    const { schema, seats, answer, asked } = served;
    const { counters, level } = schema;
    counters.dispatched++;
    counters.executing++;
    counters.seatsExecuting += seats;
    if (!level.isExempt) this.#turns.begin(seats);
    served.flow.turn = this.#turns.turn;
    let answering: Promise<void> | void;
    try {
      answering = answer();
    } catch (error) {
      this.#end(served, true);
      throw error;
    }
    if (!answering) return this.#answered(served, true);
    this.#turns.spend(this.#clock.monotonic() - served.startedAt);
    // A watch of another server's has begun once it is handed on, and lasts.
    if (asked.verb === 'watch' && !asked.kind) {
      this.#end(served, false);
      return answering;
    }
    return answering.then(
      () => this.#answered(served, false),
      (error: unknown) => {
        this.#end(served, false);
        throw error;
      },
    );
  }

  /** A large answer is work as long as it is being sent; but not longer than its client is given to take it. */
  #answered(served: ServedRequest, inTurn: boolean): void {
    const { exchange } = served.request;
    if (exchange.unsent < largeAnswer || served.asked.verb === 'watch') return this.#end(served, inTurn);
    if (inTurn) this.#turns.spend(this.#clock.monotonic() - served.startedAt);
    const timer = this.#deadlines.after(longestSending, () => sent());
    const sent = (): void => {
      timer[Symbol.dispose]();
      if (!served.ended) this.#end(served, false);
    };
    exchange.onClose(sent);
  }

  #end(served: ServedRequest, inTurn: boolean): void {
    const { schema, seats, startedAt, asked } = served;
    const { counters, level } = schema;
    const now = this.#clock.monotonic();
    served.ended = true;
    served.flow.underWay--;
    counters.executing--;
    (asked.verb === 'watch' ? counters.watchesBegan : counters.ran).observe((now - startedAt) / 1000);
    const lingering = level.queues.finish(served, now);
    if (lingering > 0) this.#clock.after(lingering, () => this.#release(served));
    else counters.seatsExecuting -= seats;
    if (level.isExempt) return;
    if (inTurn) this.#turns.spend(now - startedAt);
    this.#turns.end(seats);
  }

  #release(served: ServedRequest): void {
    const { schema, seats } = served;
    schema.level.queues.release(served, this.#clock.monotonic());
    schema.counters.seatsExecuting -= seats;
    this.#turns.wake();
  }
}

interface ServedParts {
  readonly request: ArrivedRequest;
  readonly user: User;
  readonly answer: () => Promise<void> | void;
}
