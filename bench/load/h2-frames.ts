/** The frames of HTTP/2 that a load generator needs, and just enough of HPACK. Source: RFC 9113, RFC 7541. */

/** Types of frames. */
export const frameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

/** Flags: of SETTINGS and PING `ack`, of the others `endStream`. */
export const frameFlag = { ack: 1, endStream: 1, endHeaders: 4 } as const;

/** The length of a frame's header. */
export const frameHeaderLength = 9;

/** A frame, whole. */
export function frame(type: number, options: { flags?: number; stream?: number; payload?: Uint8Array } = {}): Buffer {
  const { flags = 0, stream = 0, payload } = options;
  const length = payload?.length ?? 0;
  const bytes = Buffer.allocUnsafe(frameHeaderLength + length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  if (payload) bytes.set(payload, frameHeaderLength);
  return bytes;
}

/** The payload of a SETTINGS frame, of pairs of a setting's number and its value. */
export function settingsPayload(settings: readonly (readonly [number, number])[]): Buffer {
  const bytes = Buffer.allocUnsafe(settings.length * 6);
  settings.forEach(([id, value], index) => {
    bytes.writeUInt16BE(id, index * 6);
    bytes.writeUInt32BE(value, index * 6 + 2);
  });
  return bytes;
}

/** A WINDOW_UPDATE frame. */
export function windowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes);
  return frame(frameType.windowUpdate, { stream, payload });
}

/** A header block in which every header is literal and nothing is remembered. */
export function headerBlock(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([lengthOf(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits. */
function lengthOf(length: number): Buffer {
  if (length < 127) return Buffer.of(length);
  const bytes = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

const indexedStatus: Readonly<Record<number, number>> = {
  0x88: 200,
  0x89: 204,
  0x8a: 206,
  0x8b: 304,
  0x8c: 400,
  0x8d: 404,
  0x8e: 500,
};

/** The status in a response's header block, whose encoder was told to remember nothing; 0 when it is not found. */
export function statusOf(block: Buffer): number {
  let at = 0;
  // Says that the table is empty, as it was told to be.
  while (at < block.length && (block[at]! & 0xe0) === 0x20) at++;
  const first = block[at] ?? 0;
  const indexed = indexedStatus[first];
  if (indexed !== undefined) return indexed;
  const name = first & 0x40 ? first & 0x3f : first & 0x0f;
  if (name < 8 || name > 14) return 0;
  const length = block[at + 1] ?? 0;
  const value = block.subarray(at + 2, at + 2 + (length & 0x7f));
  return length & 0x80 ? huffmanDigits(value) : Number(value.toString('latin1'));
}

/** Three digits in HPACK's Huffman code: 0, 1 and 2 have five bits, the others six. */
function huffmanDigits(bytes: Buffer): number {
  let bits = 0;
  let count = 0;
  let number = 0;
  let at = 0;
  for (let digit = 0; digit < 3; digit++) {
    while (count < 6) {
      bits = (bits << 8) | (bytes[at++] ?? 0xff);
      count += 8;
    }
    const six = (bits >> (count - 6)) & 0x3f;
    const short = six >> 1 <= 2;
    number = number * 10 + (short ? six >> 1 : six - 0x19 + 3);
    count -= short ? 5 : 6;
  }
  return number;
}
