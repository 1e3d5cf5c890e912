import type { Readable } from 'node:stream';
import { StatusError } from '../base/errors.ts';
import { isStatus } from './response-error.ts';
import type { WatchEvent } from './client.ts';

const newline = 0x0a;

/**
 * The events of a watch response, one JSON document a line. Reads no further than its consumer asks (back-pressure);
 * leaving the loop closes the response. Throws the StatusError of an ERROR event.
 */
export async function* watchEvents<T>(body: Readable): AsyncGenerator<WatchEvent<T>> {
  try {
    for await (const line of lines(body)) yield decode<T>(line);
  } finally {
    body.destroy();
  }
}

async function* lines(body: Readable): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  for await (const part of body) {
    const chunk = part as Buffer;
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const piece = chunk.subarray(start, end);
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest).toString('utf8');
}

function decode<T>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { readonly type: string; readonly object: unknown };
  if (event.type === 'ERROR') {
    if (isStatus(event.object)) throw StatusError.fromStatus(event.object);
    throw new StatusError('InternalError', 'the watch ended with an error that is not a Status');
  }
  if (event.type === 'BOOKMARK') {
    const bookmark = event.object as { readonly metadata: { readonly resourceVersion: string } };
    return { type: 'BOOKMARK', resourceVersion: bookmark.metadata.resourceVersion };
  }
  return event as WatchEvent<T>;
}
