import type { Options, Question } from 'dns-packet';
import packet from 'dns-packet';
import type { rcodes } from './dns-answer.ts';

/** A question that came in, with what its answer depends on. */
export interface DnsQuery {
  readonly raw: Buffer;
  readonly id: number;
  readonly question: Question;
  /** The name in lower case, without the last dot. */
  readonly name: string;
  /** Where in `raw` the question ends. */
  readonly questionEnd: number;
  readonly recursionDesired: boolean;
  /** What the client says of itself by EDNS; undefined when it does not speak it. */
  readonly edns: { readonly udpPayloadSize: number; readonly dnssecOk: boolean } | undefined;
}

/** A message that gets an error code instead of an answer. */
export interface BadQuery {
  readonly rcode: keyof typeof rcodes;
  readonly id: number;
  readonly raw: Buffer;
}

const headerLength = 12;
/** The flag of a response, and the bits of the operation code, in the header's third byte. */
const responseBit = 0x80;
const opcodeBits = 0x78;

/** Reads a message; undefined when it deserves no answer at all (a fragment, or itself an answer). */
export function parseQuery(raw: Buffer): DnsQuery | BadQuery | undefined {
  if (raw.length < headerLength) return undefined;
  const flags = raw.readUInt8(2);
  if ((flags & responseBit) !== 0) return undefined;
  const id = raw.readUInt16BE(0);
  if ((flags & opcodeBits) !== 0) return { rcode: 'NOTIMP', id, raw };
  if (raw.readUInt16BE(4) !== 1) return { rcode: 'FORMERR', id, raw };
  try {
    const { additionals, questions } = packet.decode(raw);
    const [question] = questions;
    if (question === undefined) return { rcode: 'FORMERR', id, raw };
    packet.question.decode(raw, headerLength);
    const questionEnd = headerLength + packet.question.decode.bytes;
    const options = additionals.find((record): record is Options => record.type === 'OPT');
    if (options !== undefined && options.ednsVersion !== 0) return { rcode: 'BADVERS', id, raw };
    const edns = options && { udpPayloadSize: options.udpPayloadSize, dnssecOk: (options.flags & 0x8000) !== 0 };
    const name = question.name.toLowerCase().replace(/\.$/, '');
    return { raw, id, question, name, questionEnd, recursionDesired: (flags & 1) !== 0, edns };
  } catch {
    return { rcode: 'FORMERR', id, raw };
  }
}
