/** The thread in which the SQLite file is read and written; started by `SqliteStore` with SqliteWorkerData. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../base/system-clock.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { describeSqliteError } from './sqlite-error.ts';
import { SqliteHousekeeping } from './sqlite-housekeeping.ts';
import { packResults, packValues, unpackWrites } from './sqlite-packing.ts';
import type { PackedWrites } from './sqlite-packing.ts';
import type {
  NumberedRequest,
  SqliteWorkerData,
  WorkerAnswers,
  WorkerReply,
  WorkerRequest,
} from './sqlite-protocol.ts';
import type { StoreList } from './store.ts';

function serve(port: MessagePort, { path, indexLag }: SqliteWorkerData): void {
  let database: SqliteDatabase;
  try {
    database = new SqliteDatabase(path, { indexLag });
  } catch (error) {
    port.postMessage({ id: 0, error: describeSqliteError(error, path) } satisfies WorkerReply);
    port.close();
    return;
  }
  const service = new StoreService(port, database, path);
  port.on('message', (message: NumberedRequest) => {
    const { writes, next } = waitingWrites(port, message);
    if (writes.length > 0) service.commit(writes);
    if (next) service.answer(next);
  });
}

/** The writes that a message and those behind it ask for, up to the first that asks for something else. */
function waitingWrites(port: MessagePort, message: NumberedRequest): WaitingWrites {
  const writes: NumberedWrites[] = [];
  for (let at: NumberedRequest | undefined = message; at; at = receiveMessageOnPort(port)?.message) {
    const { id, request } = at;
    if (request.op !== 'write') return { writes, next: { id, request } };
    writes.push({ id, packed: request.writes });
  }
  return { writes, next: undefined };
}

interface WaitingWrites {
  readonly writes: readonly NumberedWrites[];
  readonly next: Question | undefined;
}

interface NumberedWrites {
  readonly id: number;
  readonly packed: PackedWrites;
}

/** What is asked but for writes. */
interface Question {
  readonly id: number;
  readonly request: Exclude<WorkerRequest, { op: 'write' }>;
}

/** Asks the database, and tells what it says. */
class StoreService {
  readonly #port: MessagePort;
  readonly #database: SqliteDatabase;
  readonly #path: string;
  readonly #housekeeping: SqliteHousekeeping;

  constructor(port: MessagePort, database: SqliteDatabase, path: string) {
    this.#port = port;
    this.#database = database;
    this.#path = path;
    this.#reply({ id: 0, value: database.revision });
    this.#housekeeping = new SqliteHousekeeping({
      database,
      clock: systemClock,
      expired: (events) => this.#reply({ expired: events }),
    });
  }

  /** Makes writes that were asked for one after the other, in one transaction. */
  commit(requests: readonly NumberedWrites[]): void {
    try {
      const batches = requests.map(({ packed }) => unpackWrites(packed));
      const results = this.#database.write(batches.flat());
      let at = 0;
      requests.forEach(({ id }, index) => {
        const end = at + batches[index]!.length;
        this.#reply({ id, value: packResults(results.slice(at, end)) });
        at = end;
      });
      if (requests.some(({ packed }) => packed.ttls)) this.#housekeeping.expiriesChanged();
    } catch (error) {
      for (const { id } of requests) this.#fail(id, error);
    }
  }

  answer({ id, request }: Question): void {
    try {
      if (request.op === 'compact') return this.#compact(id, request.revision);
      if (request.op === 'close') this.#housekeeping[Symbol.dispose]();
      const value = answer(this.#database, request);
      const moved = request.op === 'list' ? [(value as WorkerAnswers['list']).items.bytes.buffer] : [];
      this.#port.postMessage({ id, value } satisfies WorkerReply, moved);
    } catch (error) {
      this.#fail(id, error);
    }
    if (request.op === 'close') this.#port.close();
  }

  #compact(id: number, revision: number): void {
    this.#database.compact(revision);
    this.#housekeeping.compacted((error) =>
      error === undefined ? this.#reply({ id, value: undefined }) : this.#fail(id, error),
    );
  }

  #reply(message: WorkerReply): void {
    this.#port.postMessage(message);
  }

  #fail(id: number, error: unknown): void {
    this.#reply({ id, error: describeSqliteError(error, this.#path) });
  }
}

function answer(database: SqliteDatabase, request: Exclude<WorkerRequest, { op: 'compact' | 'write' }>): unknown {
  switch (request.op) {
    case 'get':
      return database.get(request.key, request.revision);
    case 'list':
      return packedList(database.list(request.prefix, request.options));
    case 'events':
      return database.eventsAfter(request.prefix, request.after);
    default:
      database.close();
      return undefined;
  }
}

function packedList({ items, revision, remaining }: StoreList): WorkerAnswers['list'] {
  return { items: packValues(items), revision, remaining };
}

if (parentPort) serve(parentPort, workerData as SqliteWorkerData);
