import type { CliIo } from '../command/cli-io.ts';
import { knownResources } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { Session } from '../session.ts';

/** One container's log. */
export interface LogSource {
  readonly namespace: string | undefined;
  readonly pod: string;
  readonly container: string;
}

/** Which part of a log. */
export interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Lines from the end; -1 for all. */
  readonly tail: number;
  /** Seconds; 0 for all. */
  readonly sinceSeconds: number;
  /** RFC 3339; '' for all. */
  readonly sinceTime: string;
  /** Bytes; 0 for all. */
  readonly limitBytes: number;
  /** Skips the verification of the kubelet's certificate. */
  readonly insecure: boolean;
}

/** Copies a container's log to stdout, each line led by `prefix`. */
export async function copyLog(
  session: Session,
  io: CliIo,
  {
    source,
    options,
    prefix = '',
  }: { readonly source: LogSource; readonly options: LogOptions; readonly prefix?: string },
): Promise<void> {
  const body = await session.connection.stream({
    path: apiPath(knownResources.Pod, { namespace: source.namespace, name: source.pod, subresource: 'log' }),
    accept: '*/*',
    query: {
      container: source.container,
      follow: options.follow || undefined,
      previous: options.previous || undefined,
      timestamps: options.timestamps || undefined,
      tailLines: options.tail >= 0 ? options.tail : undefined,
      sinceSeconds: options.sinceSeconds > 0 ? options.sinceSeconds : undefined,
      sinceTime: options.sinceTime || undefined,
      limitBytes: options.limitBytes > 0 ? options.limitBytes : undefined,
      insecureSkipTLSVerifyBackend: options.insecure || undefined,
    },
    signal: io.signal,
  });
  if (prefix === '') {
    for await (const chunk of body) await write(io, chunk);
    return;
  }
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    pending = Buffer.concat([pending, chunk]);
    const end = pending.lastIndexOf('\n');
    if (end < 0) continue;
    await write(io, withPrefix(pending.subarray(0, end), prefix));
    pending = pending.subarray(end + 1);
  }
  if (pending.length > 0) await write(io, withPrefix(pending, prefix));
}

function withPrefix(lines: Buffer, prefix: string): string {
  return `${lines
    .toString()
    .split('\n')
    .map((line) => prefix + line)
    .join('\n')}\n`;
}

/** Writes and waits for a slow reader. */
async function write({ stdout }: CliIo, chunk: Buffer | string): Promise<void> {
  if (!stdout.write(chunk)) await new Promise((resolve) => stdout.once('drain', resolve));
}
