/** Values beside a log message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How grave a log line is. Source: klog's four severities. */
export type Severity = 'I' | 'W' | 'E' | 'F';

/** A structured logger: constant messages plus fields. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The logger for details of `level`; silent when the verbosity (`-v`) is lower. */
  v(level: number): Pick<Logger, 'info'>;
  /** A logger that adds `fields` to each line. */
  with(fields: LogFields): Logger;
}

/** One entry on its way to a sink. */
export interface LogEntry {
  readonly severity: Severity;
  readonly time: number;
  readonly message: string;
  readonly fields: LogFields;
}

/** Options of `createLogger`. */
export interface LoggerOptions {
  readonly verbosity: number;
  readonly now: () => number;
  readonly sink: (entry: LogEntry) => void;
}

/** A logger that hands entries up to `verbosity` to `sink`. */
export function createLogger(options: LoggerOptions, bound: LogFields = {}): Logger {
  const emit =
    (severity: Severity) =>
    (message: string, fields: LogFields = {}): void =>
      options.sink({ severity, time: options.now(), message, fields: { ...bound, ...fields } });
  return {
    info: emit('I'),
    warning: emit('W'),
    error: emit('E'),
    v: (level) => (level <= options.verbosity ? { info: emit('I') } : silent),
    with: (fields) => createLogger(options, { ...bound, ...fields }),
  };
}

const silent = { info: (): void => undefined };

/** A logger that says nothing, for tests. */
export const silentLogger: Logger = {
  info: () => undefined,
  warning: () => undefined,
  error: () => undefined,
  v: () => silent,
  with: () => silentLogger,
};

/** Formats an entry as klog does: `I0102 15:04:05.000000   1234 name] "message" key="value"`. */
export function formatKlog(entry: LogEntry, origin: { pid: number; component: string }): string {
  const t = new Date(entry.time);
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${two(t.getMonth() + 1)}${two(t.getDate())}`;
  const clock = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}.${String(t.getMilliseconds()).padStart(3, '0')}000`;
  const fields = Object.entries(entry.fields).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  return `${entry.severity}${date} ${clock} ${String(origin.pid).padStart(7)} ${origin.component}] ${JSON.stringify(entry.message)}${fields.join('')}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Error) return JSON.stringify(describeError(value));
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return String(value);
}

function describeError(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${describeError(error.cause)}` : error.message;
}
