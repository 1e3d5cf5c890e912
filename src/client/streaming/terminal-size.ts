/** The size of a client's terminal in characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** A size as it travels on the resize channel. Source: remotecommand.TerminalSize, which has no JSON names. */
export function encodeTerminalSize(size: TerminalSize): string {
  return `${JSON.stringify({ Width: size.width, Height: size.height })}\n`;
}

/**
 * The sizes in a resize stream. A reader that is late gets only the newest: older ones are of no use to anybody.
 * Ends when the stream does, whatever ended it.
 */
export async function* terminalSizes(stream: AsyncIterable<Buffer>): AsyncGenerator<TerminalSize, void, undefined> {
  const state: Conflated = { latest: undefined, ended: false, wake: () => undefined };
  void readSizes(stream, state);
  for (;;) {
    const size = state.latest;
    state.latest = undefined;
    if (size) yield size;
    else if (state.ended) return;
    else await new Promise<void>((resolve) => (state.wake = resolve));
  }
}

interface Conflated {
  latest: TerminalSize | undefined;
  ended: boolean;
  wake: () => void;
}

async function readSizes(stream: AsyncIterable<Buffer>, state: Conflated): Promise<void> {
  let text = '';
  try {
    for await (const part of stream) {
      const objects = (text + part.toString()).split('}');
      text = (objects.pop() ?? '').slice(0, 1024);
      for (const object of objects) state.latest = parseSize(`${object}}`) ?? state.latest;
      state.wake();
    }
  } catch {
    // The connection's owner learns of its end by itself.
  }
  state.ended = true;
  state.wake();
}

function parseSize(text: string): TerminalSize | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const [width, height] = ['width', 'height'].map((name) => dimension(value, name));
    return width !== undefined && height !== undefined ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}

/** Go's decoder matches names in any case. */
function dimension(value: object, name: string): number | undefined {
  const found: unknown = Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'number' && Number.isInteger(found) && found >= 0 && found <= 0xffff ? found : undefined;
}
