/** A line of a container's log file. Source: the CRI logging format. */
export interface LogLine {
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** Whether the container's own line goes on in the next one. */
  readonly partial: boolean;
  readonly text: string;
}

/** Reads `TIME STREAM P|F TEXT`; undefined when the line is none. */
export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const third = line.indexOf(' ', second + 1);
  if (first < 0 || second < 0) return undefined;
  const stream = line.slice(first + 1, second);
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  const tags = third < 0 ? line.slice(second + 1) : line.slice(second + 1, third);
  return {
    time: line.slice(0, first),
    stream,
    partial: tags.split(':')[0] === 'P',
    text: third < 0 ? '' : line.slice(third + 1),
  };
}

/** The text that a client sees of a line: its newline belongs to complete ones only. */
export function shownText(line: LogLine, timestamps: boolean): string {
  return `${timestamps ? `${line.time} ` : ''}${line.text}${line.partial ? '' : '\n'}`;
}
