/** The place of a TTL in a message, and its value in seconds. */
export interface RecordTtl {
  readonly offset: number;
  readonly seconds: number;
  /** The record's type as a number. */
  readonly type: number;
}

/** EDNS options look like a record but have flags where others have a TTL. */
const optType = 41;

/** The TTLs of all records of a message, options aside. Throws RangeError when the message is cut. */
export function recordTtls(message: Buffer): readonly RecordTtl[] {
  let offset = 12;
  for (let questions = message.readUInt16BE(4); questions > 0; questions--) offset = afterName(message, offset) + 4;
  const ttls: RecordTtl[] = [];
  const records = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  for (let record = 0; record < records; record++) {
    const fixed = afterName(message, offset);
    const type = message.readUInt16BE(fixed);
    if (type !== optType) ttls.push({ offset: fixed + 4, seconds: message.readUInt32BE(fixed + 4), type });
    offset = fixed + 10 + message.readUInt16BE(fixed + 8);
  }
  return ttls;
}

function afterName(message: Buffer, start: number): number {
  let offset = start;
  for (;;) {
    const length = message.readUInt8(offset);
    const isPointer = (length & 0xc0) === 0xc0;
    if (isPointer) return offset + 2;
    if (length === 0) return offset + 1;
    offset += length + 1;
  }
}
