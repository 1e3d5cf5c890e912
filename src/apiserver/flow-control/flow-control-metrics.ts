/** What priority and fairness count, in Prometheus' text format. Source: apiserver's flowcontrol/metrics. */
import type { Distribution } from '../../base/metrics/distribution.ts';
import type { SchemaInUse } from './classifier.ts';
import type { PriorityLevel } from './priority-level.ts';
import type { PriorityLevels } from './priority-levels.ts';
import type { SchemaCounters } from './schema-counters.ts';

/** What is rendered. */
export interface CountedFlowControl {
  readonly levels: PriorityLevels;
  readonly schemas: readonly SchemaInUse[];
}

const prefix = 'apiserver_flowcontrol_';

/** All metrics. `window`: seats that the thread gives out at a time. */
export function renderMetrics({ levels, schemas }: CountedFlowControl, window: number): string {
  const lines = [
    ...rejections(schemas),
    ...schemaMetrics.flatMap(({ name, type, help, read }) => [
      ...described(name, type, help),
      ...schemas.map((schema) => `${prefix}${name}{${labelsOf(schema)}} ${read(schema.counters)}`),
    ]),
    ...histograms.flatMap(({ name, help, series }) => [
      ...described(name, 'histogram', help),
      ...schemas.flatMap((schema) =>
        series.flatMap(({ label, read }) => {
          const found = read(schema.counters);
          return found.count === 0 ? [] : found.lines(prefix + name, `${labelsOf(schema)}${label}`);
        }),
      ),
    ]),
    ...levelMetrics.flatMap(({ name, help, read }) => [
      ...described(name, 'gauge', help),
      ...[...levels.all()].map((level) => `${prefix}${name}{priority_level="${level.name}"} ${read(level)}`),
    ]),
    ...described(
      'seat_fair_frac',
      'gauge',
      "Fair fraction of server's concurrency to allocate to each priority level that can use it",
    ),
    `${prefix}seat_fair_frac ${levels.fairFraction}`,
    '# HELP kubets_flowcontrol_window_seats Seats that the thread gives out at a time.',
    '# TYPE kubets_flowcontrol_window_seats gauge',
    `kubets_flowcontrol_window_seats ${window}`,
  ];
  return `${lines.join('\n')}\n`;
}

const schemaMetrics: readonly {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  read(counters: SchemaCounters): number;
}[] = [
  {
    name: 'dispatched_requests_total',
    type: 'counter',
    help: 'Number of requests executed by API Priority and Fairness subsystem',
    read: ({ dispatched }) => dispatched,
  },
  {
    name: 'current_inqueue_requests',
    type: 'gauge',
    help: 'Number of requests currently pending in queues of the API Priority and Fairness subsystem',
    read: ({ waiting }) => waiting,
  },
  {
    name: 'current_inqueue_seats',
    type: 'gauge',
    help: 'Number of seats currently pending in queues of the API Priority and Fairness subsystem',
    read: ({ seatsWaiting }) => seatsWaiting,
  },
  {
    name: 'current_executing_requests',
    type: 'gauge',
    help: 'Number of requests in initial (for a WATCH) or any (for a non-WATCH) execution stage in the API Priority and Fairness subsystem',
    read: ({ executing }) => executing,
  },
  {
    name: 'current_executing_seats',
    type: 'gauge',
    help: 'Concurrency (number of seats) occupied by the currently executing (initial stage for a WATCH, any stage otherwise) requests in the API Priority and Fairness subsystem',
    read: ({ seatsExecuting }) => seatsExecuting,
  },
];

const histograms: readonly {
  readonly name: string;
  readonly help: string;
  readonly series: readonly { readonly label: string; read(counters: SchemaCounters): Distribution }[];
}[] = [
  {
    name: 'request_wait_duration_seconds',
    help: 'Length of time a request spent waiting in its queue',
    series: [
      { label: ',execute="true"', read: ({ waitedToRun }) => waitedToRun },
      { label: ',execute="false"', read: ({ waitedInVain }) => waitedInVain },
    ],
  },
  {
    name: 'request_execution_seconds',
    help: 'Duration of initial stage (for a WATCH) or any (for a non-WATCH) stage of request execution in the API Priority and Fairness subsystem',
    series: [
      { label: ',type="regular"', read: ({ ran }) => ran },
      { label: ',type="watch"', read: ({ watchesBegan }) => watchesBegan },
    ],
  },
  {
    name: 'request_queue_length_after_enqueue',
    help: 'Length of queue in the API Priority and Fairness subsystem, as seen by each request after it is enqueued',
    series: [{ label: '', read: ({ queueLengths }) => queueLengths }],
  },
  {
    name: 'work_estimated_seats',
    help: 'Number of estimated seats (maximum of initial and final seats) associated with requests in API Priority and Fairness',
    series: [{ label: '', read: ({ seats }) => seats }],
  },
];

const levelMetrics: readonly { readonly name: string; readonly help: string; read(level: PriorityLevel): number }[] = [
  {
    name: 'nominal_limit_seats',
    help: 'Nominal number of execution seats configured for each priority level',
    read: ({ limits }) => limits.nominal,
  },
  {
    name: 'lower_limit_seats',
    help: 'Configured lower bound on number of execution seats available to each priority level',
    read: ({ limits }) => limits.lower,
  },
  {
    name: 'upper_limit_seats',
    help: 'Configured upper bound on number of execution seats available to each priority level',
    read: ({ limits }) => limits.upper,
  },
  {
    name: 'current_limit_seats',
    help: 'current derived number of execution seats available to each priority level',
    read: ({ queues }) => queues.limit,
  },
  {
    name: 'demand_seats_high_watermark',
    help: 'High watermark, over last adjustment period, of demand_seats',
    read: ({ demand }) => demand.highest,
  },
  {
    name: 'demand_seats_average',
    help: 'Time-weighted average, over last adjustment period, of demand_seats',
    read: ({ demand }) => demand.average ?? 0,
  },
  {
    name: 'demand_seats_stdev',
    help: 'Time-weighted standard deviation, over last adjustment period, of demand_seats',
    read: ({ demand }) => demand.deviation,
  },
  { name: 'demand_seats_smoothed', help: 'Smoothed seat demands', read: ({ smoothed }) => smoothed },
  { name: 'target_seats', help: 'Seat allocation targets', read: ({ target }) => target },
];

function rejections(schemas: readonly SchemaInUse[]): string[] {
  const name = 'rejected_requests_total';
  return [
    ...described(name, 'counter', 'Number of requests rejected by API Priority and Fairness subsystem'),
    ...schemas.flatMap((schema) =>
      [...schema.counters.rejected].map(
        ([reason, count]) => `${prefix}${name}{${labelsOf(schema)},reason="${reason}"} ${count}`,
      ),
    ),
  ];
}

function labelsOf({ name, level }: SchemaInUse): string {
  return `flow_schema="${name}",priority_level="${level.name}"`;
}

function described(name: string, type: string, help: string): string[] {
  return [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`];
}
