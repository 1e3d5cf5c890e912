/** The thread in which the SQLite file is read and written; started by `SqliteStore`. `workerData.path` names the file. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { systemClock } from '../base/system-clock.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { describeSqliteError } from './sqlite-error.ts';
import { SqliteHousekeeping } from './sqlite-housekeeping.ts';
import { packResults, packValues, unpackWrites } from './sqlite-packing.ts';
import type { NumberedRequest, WorkerAnswers, WorkerReply, WorkerRequest } from './sqlite-protocol.ts';
import type { StoreList } from './store.ts';

function serve(port: MessagePort, path: string): void {
  const reply = (message: WorkerReply): void => port.postMessage(message);
  const fail = (id: number, error: unknown): void => reply({ id, error: describeSqliteError(error, path) });
  let database: SqliteDatabase;
  try {
    database = new SqliteDatabase(path);
  } catch (error) {
    fail(0, error);
    port.close();
    return;
  }
  reply({ id: 0, value: database.revision });
  const housekeeping = new SqliteHousekeeping({
    database,
    clock: systemClock,
    expired: (events) => reply({ expired: events }),
  });
  port.on('message', ({ id, request }: NumberedRequest) => {
    try {
      if (request.op === 'compact') {
        database.compact(request.revision);
        housekeeping.compacted((error) => (error === undefined ? reply({ id, value: undefined }) : fail(id, error)));
        return;
      }
      if (request.op === 'close') housekeeping[Symbol.dispose]();
      const value = answer(database, request);
      if (request.op === 'list') port.postMessage({ id, value }, [(value as WorkerAnswers['list']).items.bytes.buffer]);
      else reply({ id, value });
      if (request.op === 'write' && request.writes.ttls) housekeeping.expiriesChanged();
      if (request.op === 'close') port.close();
    } catch (error) {
      fail(id, error);
      if (request.op === 'close') port.close();
    }
  });
}

function answer(database: SqliteDatabase, request: Exclude<WorkerRequest, { op: 'compact' }>): unknown {
  switch (request.op) {
    case 'write':
      return packResults(database.write(unpackWrites(request.writes)));
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

if (parentPort) serve(parentPort, String(workerData.path));
