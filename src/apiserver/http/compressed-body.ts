/** Bodies in gzip, put together out of pieces that are compressed each on its own. Source: RFC 1951, RFC 1952. */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { inPieces, partsOf } from './exchange.ts';
import type { ResponseBody } from './exchange.ts';
import { combinedCrc } from './crc-combination.ts';

/** Upstream's level: the least work. Source: apiserver's responsewriters. */
const level = 1;
/** Pieces from this size on are remembered in their compressed form, as long as they live themselves. */
const rememberedFrom = 64 * 1024;

/** Pieces up to this size are not worth compressing: what stands around the items of a list. */
const storedUpTo = 512;

const deflate = promisify(deflateRaw);
const remembered = new WeakMap<Buffer, Promise<PackedPiece>>();

interface PackedPiece {
  readonly bytes: Buffer;
  /** Of the piece as it was. */
  readonly crc: number;
  readonly length: number;
}

/** gzip, no flags, no time, fastest, unknown system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
/** A last block, which is empty. */
const lastBlock = Buffer.from([3, 0]);

/** Compresses a body. What lists have in common is compressed once. */
export async function compressed(body: ResponseBody): Promise<readonly Buffer[]> {
  const packed = await packedPieces(body);
  let sum = 0;
  let length = 0;
  for (const { crc, length: added } of packed) {
    sum = combinedCrc(sum, crc, added);
    length += added;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(sum);
  trailer.writeUInt32LE(length % 0x100000000, 4);
  return [header, ...packed.map(({ bytes }) => bytes), lastBlock, trailer];
}

async function packedPieces(body: ResponseBody): Promise<readonly PackedPiece[]> {
  const pieces = inPieces(body) ? body : [typeof body === 'string' ? Buffer.from(body) : body];
  if (pieces.every((piece) => Buffer.isBuffer(piece))) return Promise.all(pieces.map(packedPiece));
  const packed: PackedPiece[] = [];
  // One after the other: together they would all have to be there at once.
  for (const part of partsOf(body)) packed.push(await pack(part));
  return packed;
}

async function packedPiece(piece: Buffer): Promise<PackedPiece> {
  if (piece.length <= storedUpTo) return { bytes: storedBlock(piece), crc: crc32(piece), length: piece.length };
  if (piece.length < rememberedFrom) return pack(piece);
  let packed = remembered.get(piece);
  if (!packed) remembered.set(piece, (packed = pack(piece)));
  return packed;
}

/** Ends at a whole byte, without a last block and without ties to what comes next. */
async function pack(piece: Buffer): Promise<PackedPiece> {
  const bytes = await deflate(piece, { level, finishFlush: constants.Z_FULL_FLUSH });
  return { bytes, crc: crc32(piece), length: piece.length };
}

/** A block that is not the last one, of bytes as they are. */
function storedBlock(piece: Buffer): Buffer {
  const block = Buffer.allocUnsafe(5 + piece.length);
  block[0] = 0;
  block.writeUInt16LE(piece.length, 1);
  block.writeUInt16LE(0xffff - piece.length, 3);
  block.set(piece, 5);
  return block;
}
