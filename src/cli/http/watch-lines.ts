/** One event of a watch, as the server sends it. */
export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** Splits a watch's body into its events. */
export async function* watchLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchLine> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of body) {
    pending += decoder.decode(chunk, { stream: true });
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
      const line = pending.slice(0, end).trim();
      pending = pending.slice(end + 1);
      if (line !== '') yield JSON.parse(line) as WatchLine;
    }
  }
  if (pending.trim() !== '') yield JSON.parse(pending) as WatchLine;
}
