import { expect, test } from 'vitest';
import { SpdyFrameParser } from './frame-parser.ts';
import {
  dataHeader,
  goAwayFrame,
  initialWindowFrame,
  pingFrame,
  rstStreamFrame,
  SpdyProtocolError,
  synReplyFrame,
  synStreamFrame,
  windowUpdateFrame,
} from './frames.ts';
import type { SpdyFrame } from './frames.ts';

const block = Buffer.from('compressed');
const wire = Buffer.concat([
  initialWindowFrame(1_000),
  synStreamFrame(1, block),
  synReplyFrame(1, block),
  dataHeader(1, 5, false),
  Buffer.from('hello'),
  dataHeader(1, 0, true),
  rstStreamFrame(3, 5),
  pingFrame(7),
  windowUpdateFrame(0, 99),
  // A type of control frame that nobody knows.
  Buffer.from([0x80, 3, 0, 77, 0, 0, 0, 1, 42]),
  goAwayFrame(1, 2),
]);
const frames = [
  { type: 'settings', values: new Map([[7, 1_000]]) },
  { type: 'synStream', streamId: 1, priority: 0, fin: false, unidirectional: false, block },
  { type: 'synReply', streamId: 1, fin: false, block },
  { type: 'data', streamId: 1, payload: Buffer.from('hello'), fin: false },
  { type: 'data', streamId: 1, payload: Buffer.alloc(0), fin: true },
  { type: 'rstStream', streamId: 3, code: 5 },
  { type: 'ping', id: 7 },
  { type: 'windowUpdate', streamId: 0, delta: 99 },
  { type: 'goAway', lastStreamId: 1, code: 2 },
];

function joinData(parts: Iterable<SpdyFrame>): SpdyFrame[] {
  const joined: SpdyFrame[] = [];
  let open: (SpdyFrame & { type: 'data' }) | undefined;
  for (const part of parts) {
    if (part.type === 'data' && open && !part.fin) {
      open = { ...open, payload: Buffer.concat([open.payload, part.payload]) };
      joined[joined.length - 1] = open;
    } else {
      joined.push(part);
      open = part.type === 'data' && !part.fin ? part : undefined;
    }
  }
  return joined;
}

test('frames that arrive together come out one by one', () => {
  expect([...new SpdyFrameParser().push(wire)]).toEqual(frames);
});

test.each([1, 2, 3, 7, 8, 9, 13])('frames that arrive %i bytes at a time come out whole', (size) => {
  const parser = new SpdyFrameParser();
  const parts: SpdyFrame[] = [];
  for (let at = 0; at < wire.length; at += size) parts.push(...parser.push(wire.subarray(at, at + size)));
  expect(joinData(parts)).toEqual(frames);
});

test('data is handed on before its frame is complete, and only its last part ends the stream', () => {
  const parser = new SpdyFrameParser();
  const header = dataHeader(5, 6, true);
  expect([...parser.push(Buffer.concat([header, Buffer.from('abc')]))]).toEqual([
    { type: 'data', streamId: 5, payload: Buffer.from('abc'), fin: false },
  ]);
  expect([...parser.push(Buffer.from('def'))]).toEqual([
    { type: 'data', streamId: 5, payload: Buffer.from('def'), fin: true },
  ]);
});

test.each([
  ['another version', Buffer.from([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1])],
  ['data for stream 0', dataHeader(0, 1, false)],
  ['a control frame that is too short', Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 2, 0, 0])],
  ['SETTINGS that claim more than they hold', Buffer.from([0x80, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 9])],
  ['an enormous control frame', Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])],
])('%s is a protocol error', (_name, bytes) => {
  expect(() => [...new SpdyFrameParser().push(bytes)]).toThrow(SpdyProtocolError);
});
