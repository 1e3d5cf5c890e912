import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { encodeTerminalSize, terminalSizes } from './terminal-size.ts';
import type { TerminalSize } from './terminal-size.ts';

async function all(...parts: string[]): Promise<TerminalSize[]> {
  const stream = new PassThrough();
  const sizes: TerminalSize[] = [];
  const reading = (async () => {
    for await (const size of terminalSizes(stream)) sizes.push(size);
  })();
  for (const part of parts) {
    stream.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.end();
  await reading;
  return sizes;
}

test('sizes are read as they are written', async () => {
  expect(await all(encodeTerminalSize({ width: 80, height: 24 }), encodeTerminalSize({ width: 1, height: 2 }))).toEqual(
    [
      { width: 80, height: 24 },
      { width: 1, height: 2 },
    ],
  );
});

test('a size cut in two is put together, and what is no size is passed over', async () => {
  expect(await all('{"Width":8', '0,"Height":24}', 'x}', '{"Width":-1,"Height":1}', '{"width":5,"height":6}')).toEqual([
    { width: 80, height: 24 },
    { width: 5, height: 6 },
  ]);
});

test('of sizes that arrive together only the newest counts', async () => {
  expect(await all('{"Width":1,"Height":1}{"Width":2,"Height":2}\n{"Width":3,"Height":3}')).toEqual([
    { width: 3, height: 3 },
  ]);
});

test('a stream that breaks ends the sizes', async () => {
  const stream = new PassThrough();
  const ended = (async () => {
    for await (const size of terminalSizes(stream)) throw new Error(`unexpected ${size.width}`);
  })();
  stream.destroy(new Error('broken'));
  await expect(ended).resolves.toBeUndefined();
});
