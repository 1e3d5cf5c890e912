/** What stands around messages: the envelope that tells their kind, lists, and the frames of watches. */
import { ListMeta } from '../meta.ts';
import { BackwardWriter } from '../backward-writer.ts';
import { encodeProtobuf } from './encode-protobuf.ts';

/** What a message is: it does not say so itself. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

const magic = Buffer.from('k8s\0');
/** Content encoding and content type, which are always empty. */
const unset = Buffer.from([0x1a, 0, 0x22, 0]);

/** A message in its envelope (runtime.Unknown behind `k8s\0`). Source: apimachinery's serializer/protobuf. */
export function envelopeOf({ apiVersion, kind }: TypeMeta, message: Uint8Array): Buffer {
  const writer = new BackwardWriter();
  writeEnvelope(writer, { apiVersion, kind }, message);
  return writer.finish();
}

function writeEnvelope(writer: BackwardWriter, { apiVersion, kind }: TypeMeta, message: Uint8Array): void {
  writer.bytes(unset);
  writeField(writer, 0x12, () => writer.bytes(message));
  writeTypeMeta(writer, { apiVersion, kind });
}

/** What an envelope begins with. */
function writeTypeMeta(writer: BackwardWriter, { apiVersion, kind }: TypeMeta): void {
  writeField(writer, 0x0a, () => {
    writeField(writer, 0x12, () => writer.text(kind));
    writeField(writer, 0x0a, () => writer.text(apiVersion));
  });
  writer.bytes(magic);
}

function writeField(writer: BackwardWriter, tag: number, write: () => void): void {
  const end = writer.position;
  write();
  writer.delimit(tag, end);
}

/** An item of a list as it stands in its message. */
export function itemPieces(item: Buffer): readonly Buffer[] {
  return [itemHead(item.length), item];
}

/** A list in its envelope around its joined items, in pieces that follow one another. */
export function listAround<T extends { readonly length: number }>(
  { apiVersion, kind }: TypeMeta,
  metadata: object,
  joined: T,
): readonly [Buffer, T, Buffer] {
  const meta = headOf(0x0a, encodeProtobuf(ListMeta.node, metadata));
  const writer = new BackwardWriter();
  writer.bytes(meta);
  writer.varint(meta.length + joined.length);
  writer.tag(0x12);
  writeTypeMeta(writer, { apiVersion, kind });
  return [writer.finish(), joined, unset];
}

/** A frame of a watch: its length in four bytes, then a WatchEvent. `object` has its envelope. Source: the length-delimited framer. */
export function watchFrame(type: string, object: Uint8Array): Buffer {
  const writer = new BackwardWriter();
  writeField(writer, 0x12, () => writeField(writer, 0x0a, () => writer.bytes(object)));
  writeField(writer, 0x0a, () => writer.text(type));
  const { position } = writer;
  writer.bytes(Buffer.from([position >>> 24, (position >>> 16) & 0xff, (position >>> 8) & 0xff, position & 0xff]));
  return writer.finish();
}

function headOf(tag: number, content: Uint8Array): Buffer {
  const writer = new BackwardWriter();
  writer.bytes(content);
  writer.delimit(tag, 0);
  return writer.finish();
}

const itemHeads = new Map<number, Buffer>();

/** Items are often of the same few lengths. */
function itemHead(length: number): Buffer {
  let head = itemHeads.get(length);
  if (!head) {
    const writer = new BackwardWriter();
    writer.varint(length);
    writer.tag(0x12);
    if (itemHeads.size > 10_000) itemHeads.clear();
    itemHeads.set(length, (head = writer.finish()));
  }
  return head;
}
