import type { FileHandle } from 'node:fs/promises';
import { parseLogLine, shownText } from './log-line.ts';
import { openRegularFile } from './open-regular-file.ts';

const block = 64 * 1024;
const newline = 0x0a;

/** Where the last `lines` lines of a file, or of its first `known` bytes, begin. */
export async function tailOffset(file: FileHandle, lines: number, known?: number): Promise<number> {
  const size = known ?? (await file.stat()).size;
  if (lines <= 0) return size;
  let end = size;
  let left = lines + 1;
  while (end > 0) {
    const start = Math.max(0, end - block);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(end - start), 0, end - start, start);
    for (let index = bytesRead - 1; index >= 0; index--) {
      if (buffer[index] === newline && --left === 0) return start + index + 1;
    }
    end = start;
  }
  return 0;
}

/** Complete lines from `offset` on to the end of the file, and where the next one begins. */
export async function* linesFrom(
  file: FileHandle,
  offset: number,
): AsyncGenerator<{ readonly line: string; readonly next: number }> {
  let position = offset;
  let rest = Buffer.alloc(0);
  for (;;) {
    const at = position + rest.length;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(block), 0, block, at);
    if (bytesRead === 0) return;
    rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline, start)) {
      const line = rest.subarray(start, end).toString('utf8');
      start = end + 1;
      yield { line, next: position + start };
    }
    position += start;
    rest = rest.subarray(start);
  }
}

/** The end of a container's log as text, at most so many lines and bytes. */
export async function tailOfLog(
  path: string,
  limit: { readonly lines: number; readonly bytes: number },
): Promise<string> {
  const file = await openRegularFile(path);
  try {
    let text = '';
    for await (const { line } of linesFrom(file, await tailOffset(file, limit.lines))) {
      const parsed = parseLogLine(line);
      if (parsed) text += shownText(parsed, false);
    }
    const bytes = Buffer.from(text, 'utf8');
    return bytes.length <= limit.bytes ? text : bytes.subarray(bytes.length - limit.bytes).toString('utf8');
  } finally {
    await file.close();
  }
}
