import { expect, test } from 'vitest';
import { frameOf, FrameReader } from './grpc-frames.ts';

test('messages are read whole, in whatever chunks they arrive', () => {
  const messages = ['', 'a', 'bc', 'd'.repeat(1000)];
  const stream = Buffer.concat(messages.map((message) => frameOf(Buffer.from(message))));
  for (const size of [1, 2, 5, 7, 300, stream.length]) {
    const reader = new FrameReader();
    const read: string[] = [];
    for (let start = 0; start < stream.length; start += size) {
      for (const message of reader.read(stream.subarray(start, start + size))) read.push(message.toString());
    }
    expect(read).toEqual(messages);
  }
});

test('a compressed message is refused', () => {
  expect(() => [...new FrameReader().read(Buffer.from([1, 0, 0, 0, 0]))]).toThrow(/compressed/);
});
