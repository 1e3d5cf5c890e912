/** Control frame types. Source: SPDY draft 3.1, section 2.6. */
export const controlType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

/** Why a stream was reset. Source: SPDY draft 3.1, section 2.6.3. */
export const resetCode = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  unsupportedVersion: 4,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
  streamInUse: 8,
  streamAlreadyClosed: 9,
  frameTooLarge: 11,
} as const;

/** Why a session ends. Source: SPDY draft 3.1, section 2.6.6. */
export const goAwayCode = { ok: 0, protocolError: 1, internalError: 2 } as const;

/** The one setting that matters here: the window a new stream starts with. */
export const settingInitialWindow = 7;

/** Bytes of every frame before its payload. */
export const frameHeaderBytes = 8;

/** The longest payload a frame header can state. */
export const maxPayload = 0xffffff;

/** The window of streams and session until told otherwise, in bytes. */
export const defaultWindow = 65_536;

const flagFin = 0x01;
const flagUnidirectional = 0x02;
const controlBit = 0x8000;
const version = 3;

/** A received frame; `block` is still compressed. */
export type SpdyFrame =
  | { readonly type: 'data'; readonly streamId: number; readonly payload: Buffer; readonly fin: boolean }
  | {
      readonly type: 'synStream';
      readonly streamId: number;
      readonly priority: number;
      readonly fin: boolean;
      readonly unidirectional: boolean;
      readonly block: Buffer;
    }
  | { readonly type: 'synReply' | 'headers'; readonly streamId: number; readonly fin: boolean; readonly block: Buffer }
  | { readonly type: 'rstStream'; readonly streamId: number; readonly code: number }
  | { readonly type: 'settings'; readonly values: ReadonlyMap<number, number> }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goAway'; readonly lastStreamId: number; readonly code: number }
  | { readonly type: 'windowUpdate'; readonly streamId: number; readonly delta: number };

/** The peer broke the protocol; the session can't go on. */
export class SpdyProtocolError extends Error {
  override readonly name = 'SpdyProtocolError';
}

/** The header of a DATA frame; the payload follows it. */
export function dataHeader(streamId: number, length: number, fin: boolean): Buffer {
  const header = Buffer.allocUnsafe(frameHeaderBytes);
  header.writeUInt32BE(streamId & 0x7fffffff);
  header.writeUInt32BE(((fin ? flagFin : 0) << 24) | length, 4);
  return header;
}

/** A SYN_STREAM frame of the highest priority around a compressed header block. */
export function synStreamFrame(streamId: number, block: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt32BE(streamId);
  return controlFrame(controlType.synStream, 0, Buffer.concat([fields, block]));
}

/** A SYN_REPLY frame around a compressed header block. */
export function synReplyFrame(streamId: number, block: Buffer): Buffer {
  return controlFrame(controlType.synReply, 0, Buffer.concat([words(streamId), block]));
}

/** A RST_STREAM frame. */
export function rstStreamFrame(streamId: number, code: number): Buffer {
  return controlFrame(controlType.rstStream, 0, words(streamId, code));
}

/** A SETTINGS frame that states the window of new streams. */
export function initialWindowFrame(bytes: number): Buffer {
  return controlFrame(controlType.settings, 0, words(1, settingInitialWindow, bytes));
}

/** A PING frame; the same frame is its answer. */
export function pingFrame(id: number): Buffer {
  return controlFrame(controlType.ping, 0, words(id));
}

/** A GOAWAY frame. */
export function goAwayFrame(lastStreamId: number, code: number): Buffer {
  return controlFrame(controlType.goAway, 0, words(lastStreamId, code));
}

/** A WINDOW_UPDATE frame; stream 0 is the session. */
export function windowUpdateFrame(streamId: number, delta: number): Buffer {
  return controlFrame(controlType.windowUpdate, 0, words(streamId, delta));
}

function controlFrame(type: number, flags: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  frame.writeUInt16BE(controlBit | version);
  frame.writeUInt16BE(type, 2);
  frame.writeUInt32BE((flags << 24) | payload.length, 4);
  payload.copy(frame, frameHeaderBytes);
  return frame;
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value, i * 4));
  return bytes;
}

/** What the first eight bytes of a frame say. */
export interface FrameHeader {
  readonly control: boolean;
  /** The type of a control frame, the stream of a data frame. */
  readonly typeOrStream: number;
  readonly flags: number;
  readonly length: number;
}

/** Reads a frame header. Throws SpdyProtocolError for another version than 3. */
export function readHeader(bytes: Buffer): FrameHeader {
  const first = bytes.readUInt32BE(0);
  const second = bytes.readUInt32BE(4);
  const control = first >>> 31 === 1;
  if (control && ((first >>> 16) & 0x7fff) !== version) {
    throw new SpdyProtocolError(`unsupported SPDY version ${(first >>> 16) & 0x7fff}`);
  }
  return { control, typeOrStream: control ? first & 0xffff : first, flags: second >>> 24, length: second & maxPayload };
}

/** Whether a frame header's flags end the sender's side of the stream. */
export function endsStream(flags: number): boolean {
  return (flags & flagFin) !== 0;
}

/** Reads a control frame's payload; undefined for a type that may be ignored. Throws SpdyProtocolError if malformed. */
export function readControl({ typeOrStream: type, flags }: FrameHeader, payload: Buffer): SpdyFrame | undefined {
  const least: Record<number, number> = { 1: 10, 2: 4, 3: 8, 4: 4, 6: 4, 7: 8, 8: 4, 9: 8 };
  if (payload.length < (least[type] ?? 0)) throw new SpdyProtocolError(`control frame of type ${type} is too short`);
  const fin = endsStream(flags);
  const id = (offset: number): number => payload.readUInt32BE(offset) & 0x7fffffff;
  switch (type) {
    case controlType.synStream:
      return {
        type: 'synStream',
        streamId: id(0),
        priority: payload.readUInt8(8) >>> 5,
        fin,
        unidirectional: (flags & flagUnidirectional) !== 0,
        block: payload.subarray(10),
      };
    case controlType.synReply:
      return { type: 'synReply', streamId: id(0), fin, block: payload.subarray(4) };
    case controlType.headers:
      return { type: 'headers', streamId: id(0), fin, block: payload.subarray(4) };
    case controlType.rstStream:
      return { type: 'rstStream', streamId: id(0), code: payload.readUInt32BE(4) };
    case controlType.settings:
      return { type: 'settings', values: readSettings(payload) };
    case controlType.ping:
      return { type: 'ping', id: payload.readUInt32BE(0) };
    case controlType.goAway:
      return { type: 'goAway', lastStreamId: id(0), code: payload.readUInt32BE(4) };
    case controlType.windowUpdate:
      return { type: 'windowUpdate', streamId: id(0), delta: id(4) };
    default:
      return undefined;
  }
}

function readSettings(payload: Buffer): Map<number, number> {
  const count = payload.readUInt32BE(0);
  if (payload.length < 4 + count * 8) throw new SpdyProtocolError('SETTINGS frame is too short');
  const values = new Map<number, number>();
  for (let at = 4; at < 4 + count * 8; at += 8) {
    values.set(payload.readUInt32BE(at) & 0xffffff, payload.readUInt32BE(at + 4));
  }
  return values;
}
