import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { shareOfConnection } from './connection-share.ts';

class TestStream extends EventEmitter {
  readonly session: never;

  constructor(session: object) {
    super();
    this.session = session as never;
  }
}

const kib = 1024;

test('large bodies share what a connection writes at a time, down to a size that is worth a write', () => {
  const session = {};
  const streams = Array.from({ length: 40 }, () => new TestStream(session));
  const first = shareOfConnection(streams[0] as never);
  expect(first()).toBe(256 * kib);
  for (const stream of streams.slice(1, 6)) shareOfConnection(stream as never);
  expect(first()).toBe(128 * kib);
  for (const stream of streams.slice(6)) shareOfConnection(stream as never);
  expect(first()).toBe(48 * kib);
  expect(shareOfConnection(new TestStream({}) as never)()).toBe(256 * kib);
  for (const stream of streams.slice(1)) stream.emit('close');
  expect(first()).toBe(256 * kib);
});
