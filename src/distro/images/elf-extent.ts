import { open } from 'node:fs/promises';

const headerSize = 64;
const segmentLoad = 1;

/**
 * How many bytes of a 64-bit executable the kernel maps: what follows are symbols and debugging information, a sixth
 * of Node's file. Undefined for what is no such executable.
 */
export async function loadedExtent(path: string): Promise<number | undefined> {
  await using file = await open(path, 'r');
  const header = Buffer.alloc(headerSize);
  await file.read(header, 0, headerSize, 0);
  // Magic, 64 bit, little endian.
  if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return undefined;
  const segmentSize = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const segments = Buffer.alloc(segmentSize * count);
  await file.read(segments, 0, segments.length, Number(header.readBigUInt64LE(32)));
  const ends = Array.from({ length: count }, (_, index) => segments.subarray(index * segmentSize))
    .filter((segment) => segment.readUInt32LE(0) === segmentLoad)
    .map((segment) => Number(segment.readBigUInt64LE(8) + segment.readBigUInt64LE(32)));
  return Math.max(...ends);
}
