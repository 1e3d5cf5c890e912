import { boolean, duration, file, integer, one, text } from './flag.ts';
import type { FlagValues } from './flag.ts';

/** Ranges are judged together with the other flags, in upstream's words. */
const number = integer(-(2 ** 31), 2 ** 31 - 1);
const bytes = integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const decimal = one<number>({
  value: 'float',
  wanted: 'a number such as 10 or 0.5',
  read: (given) => (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(given) ? Number(given) : undefined),
});

interface BatchDefaults {
  readonly mode: string;
  readonly maxSize: number;
  readonly maxWait: number;
  readonly throttles: boolean;
  readonly qps: number;
  readonly burst: number;
}

/** What both backends have. Source: apiserver's server/options, audit.go. */
function backendFlags<const N extends 'log' | 'webhook'>(name: N, defaults: BatchDefaults) {
  const flags = {
    mode: text(
      'batch: events go out on their own; blocking: answers wait for them; blocking-strict: what can not be recorded is refused',
      defaults.mode,
    ),
    'batch-buffer-size': number('events that may wait, in batch mode; what comes then is lost', 10_000),
    'batch-max-size': number('events that go out together, in batch mode', defaults.maxSize),
    'batch-max-wait': duration('how long a batch that is not full waits, in batch mode', defaults.maxWait),
    'batch-throttle-enable': boolean('bound the batches a second, in batch mode', defaults.throttles),
    'batch-throttle-qps': decimal('batches a second, on average', defaults.qps),
    'batch-throttle-burst': number('batches at once after silence', defaults.burst),
    'truncate-enabled': boolean('keep events and batches within sizes', false),
    'truncate-max-batch-size': bytes('bytes of the events that go out together', 10 * 1024 * 1024),
    'truncate-max-event-size': bytes(
      'bytes of an event; beyond it request and response are left out, and if that does not suffice the event',
      100 * 1024,
    ),
    version: text('API version of events', 'audit.k8s.io/v1'),
  };
  type Named = { [K in keyof typeof flags as `audit-${N}-${K}`]: (typeof flags)[K] };
  return Object.fromEntries(Object.entries(flags).map(([key, flag]) => [`audit-${name}-${key}`, flag])) as Named;
}

/** What is recorded of requests, and where. */
export const auditFlags = {
  'audit-policy-file': file('a Policy of audit.k8s.io/v1: what is recorded of which requests; without it nothing is'),
  'audit-log-path': text('file of the audit log; - is standard output'),
  'audit-log-format': text('json, or legacy: a line for people', 'json'),
  'audit-log-maxage': number('days that old audit logs are kept; 0: for ever', 366),
  'audit-log-maxbackup': number('old audit logs that are kept; 0: any number', 100),
  'audit-log-maxsize': number('megabytes after which a new audit log is begun; 0: never', 100),
  'audit-log-compress': boolean('pack old audit logs with gzip', false),
  ...backendFlags('log', { mode: 'blocking', maxSize: 1, maxWait: 0, throttles: false, qps: 0, burst: 0 }),
  'audit-webhook-config-file': file('a kubeconfig that says where else audit events go'),
  'audit-webhook-initial-backoff': duration('how long to wait before events are sent again for the first time', 10_000),
  'audit-webhook-batch-initial-backoff': duration('old name of --audit-webhook-initial-backoff'),
  ...backendFlags('webhook', { mode: 'batch', maxSize: 400, maxWait: 30_000, throttles: true, qps: 10, burst: 15 }),
};

/** What the command line said about audit. */
export type AuditFlags = FlagValues<typeof auditFlags>;
