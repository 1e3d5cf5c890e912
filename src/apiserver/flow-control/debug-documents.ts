/** Who waits and who is served, as tables. Source: apiserver's apf_controller_debug.go. */
import type { Clock } from '../../base/clock.ts';
import type { DocumentHandler, DocumentResponse } from '../ports.ts';
import type { FairQueue } from './fair-queue.ts';
import type { PriorityAndFairness } from './priority-and-fairness.ts';
import type { PriorityLevel } from './priority-level.ts';
import { ServedRequest } from './served-request.ts';
import type { Ticket } from './ticket.ts';

const prefix = '/debug/api_priority_and_fairness/';

/** Serves /debug/api_priority_and_fairness/dump_priority_levels, dump_queues and dump_requests. */
export function createFlowControlDocuments({ levels }: PriorityAndFairness, clock: Clock): DocumentHandler {
  const byName = (): PriorityLevel[] => [...levels.all()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    handle({ path, query }) {
      if (!path.startsWith(prefix)) return undefined;
      switch (path.slice(prefix.length)) {
        case 'dump_priority_levels':
          return table([levelColumns, ...byName().map(levelRow)]);
        case 'dump_queues':
          return table([
            queueColumns,
            ...byName().flatMap((level) => [...level.queues.queues()].map((queue) => queueRow(level, queue))),
          ]);
        case 'dump_requests': {
          const details = (query.get('includeRequestDetails') ?? '') !== '';
          const columns = details ? [...requestColumns, ...detailColumns] : requestColumns;
          // Requests know the monotonic clock only.
          const offset = clock.now() - clock.monotonic();
          return table([columns, ...byName().flatMap((level) => requestRows(level, { details, offset }))]);
        }
        default:
          return undefined;
      }
    },
  };
}

const levelColumns = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

function levelRow({ name, quiescing, queues }: PriorityLevel): readonly (string | number | boolean)[] {
  const { waiting, executing, isIdle, counts } = queues;
  const active = [...queues.queues()].filter((queue) => queue.waiting.length > 0).length;
  const { dispatched, rejected, cancelled } = counts;
  return [name, active, isIdle, quiescing, waiting, executing, dispatched, rejected, 0, cancelled];
}

const queueColumns = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];

function queueRow({ name }: PriorityLevel, queue: FairQueue): readonly (string | number)[] {
  const { index, waiting, executing, seatsInUse, nextProgress, waitingWork } = queue;
  const initialSeats = waiting.reduce((sum, { estimate }) => sum + estimate.initialSeats, 0);
  const seats = waiting.reduce((sum, ticket) => sum + ticket.seats, 0);
  const counts = [waiting.length, executing.size, seatsInUse];
  return [name, index, ...counts, seatSeconds(nextProgress), initialSeats, seats, seatSeconds(waitingWork)];
}

const requestColumns = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const detailColumns = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource'];

interface RequestRowOptions {
  readonly details: boolean;
  /** What makes wall-clock time of monotonic time. */
  readonly offset: number;
}

function requestRows({ queues }: PriorityLevel, options: RequestRowOptions): (readonly (string | number)[])[] {
  const row = (ticket: Ticket, queue: number, index: number): (readonly (string | number)[])[] =>
    ticket instanceof ServedRequest ? [requestRow(ticket, [queue, index], options)] : [];
  return [
    ...[...queues.queues()].flatMap((queue) => [
      ...queue.waiting.flatMap((ticket, index) => row(ticket, queue.index, index)),
      ...[...queue.executing].flatMap((ticket) => row(ticket, queue.index, -1)),
    ]),
    ...[...queues.queueless].flatMap((ticket) => row(ticket, -1, -1)),
  ];
}

function requestRow(
  served: ServedRequest,
  place: readonly number[],
  { details, offset }: RequestRowOptions,
): readonly (string | number)[] {
  const { schema, flow, estimate, arrivedAt, startedAt, user, asked, request } = served;
  const time = (at: number): string => (at === 0 ? '0001-01-01T00:00:00Z' : new Date(offset + at).toISOString());
  const { initialSeats, finalSeats, additionalLatency } = estimate;
  const work = [initialSeats, finalSeats, additionalLatency === 0 ? '0s' : `${additionalLatency}ms`];
  const row = [schema.level.name, schema.name, ...place, flow.distinguisher, time(arrivedAt), ...work, time(startedAt)];
  if (!details) return row;
  const { verb, path, namespace, name, group, resource, subresource } = asked;
  const version = request.path?.version ?? '';
  return [
    ...row,
    user.name,
    verb,
    path,
    namespace,
    name,
    group === '' ? version : `${group}/${version}`,
    resource,
    subresource,
  ];
}

function seatSeconds(seatMilliseconds: number): string {
  return `${(seatMilliseconds / 1000).toFixed(8)}ss`;
}

/** Columns are as wide as their widest cell, and a space. Source: Go's text/tabwriter, with commas. */
function table(rows: readonly (readonly (string | number | boolean)[])[]): DocumentResponse {
  const cells = rows.map((row) => row.map((cell, index) => `${cell}${index === row.length - 1 ? '' : ','}`));
  const widths = cells[0]!.map((_, column) => Math.max(8, ...cells.map((row) => (row[column]?.length ?? 0) + 1)));
  const lines = cells.map((row) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index]!))).join(''),
  );
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${lines.join('\n')}\n` };
}
