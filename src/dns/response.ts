import type { ResourceRecord } from 'dns-packet';
import packet from 'dns-packet';
import type { DnsAnswer } from './dns-answer.ts';
import { rcodes } from './dns-answer.ts';
import type { BadQuery, DnsQuery } from './query.ts';

/** The largest message over UDP without EDNS, and the largest that is sent however much a client would take. */
const plainLimit = 512;
const udpLimit = 4096;

/** Offers this much to clients that speak EDNS. */
const offeredPayload = 4096;

/** The largest answer that this client takes over this transport, in bytes. */
export function sizeLimit(query: DnsQuery, transport: 'udp' | 'tcp'): number {
  if (transport === 'tcp') return 65_535;
  return Math.max(plainLimit, Math.min(udpLimit, query.edns?.udpPayloadSize ?? plainLimit));
}

/** The message that carries `answer`; cut and marked as truncated where it would exceed `limit` bytes. */
export function encodeAnswer(query: DnsQuery, answer: DnsAnswer, limit: number): Buffer {
  const own = [answer.answers, answer.authorities, answer.additionals] as const;
  const sections = own.map((records) => records.map((record) => encodeRecord(record, query)));
  const options = query.edns === undefined ? [] : [encodeOptions(query.edns.dnssecOk)];
  const question = query.raw.subarray(12, query.questionEnd);
  const assemble = (kept: readonly (readonly Buffer[])[], truncated: boolean): Buffer => {
    const [answers = [], authorities = [], additionals = []] = kept;
    const counts = [1, answers.length, authorities.length, additionals.length + options.length];
    const head = header(query, { rcode: rcodes[answer.rcode], truncated, authoritative: true, counts });
    return Buffer.concat([head, question, ...answers, ...authorities, ...additionals, ...options]);
  };
  const whole = assemble(sections, false);
  if (whole.length <= limit) return whole;
  // Additional records may be left out without saying so. Source: RFC 2181, 9.
  const lean = assemble([sections[0] ?? [], sections[1] ?? []], false);
  return lean.length <= limit ? lean : assemble([], true);
}

/** The message that says why there is no answer. */
export function encodeError(query: DnsQuery | BadQuery, rcode: keyof typeof rcodes): Buffer {
  if (!('question' in query)) {
    const hasOptions = rcode === 'BADVERS';
    const counts = [0, 0, 0, hasOptions ? 1 : 0];
    const head = header(
      { ...query, recursionDesired: false },
      { rcode: rcodes[rcode] & 15, truncated: false, authoritative: false, counts },
    );
    return hasOptions ? Buffer.concat([head, encodeOptions(false, rcodes[rcode] >> 4)]) : head;
  }
  const options = query.edns === undefined ? [] : [encodeOptions(query.edns.dnssecOk)];
  const head = header(query, {
    rcode: rcodes[rcode],
    truncated: false,
    authoritative: false,
    counts: [1, 0, 0, options.length],
  });
  return Buffer.concat([head, query.raw.subarray(12, query.questionEnd), ...options]);
}

/** Another server's answer as one to `query`: under its id and spelling, or cut down to what the client takes. */
export function relayAnswer(query: DnsQuery, response: Buffer, limit: number): Buffer {
  const question = query.raw.subarray(12, query.questionEnd);
  if (response.length > limit) {
    const rcode = response.readUInt8(3) & 15;
    return Buffer.concat([
      header(query, { rcode, truncated: true, authoritative: false, counts: [1, 0, 0, 0] }),
      question,
    ]);
  }
  const message = Buffer.from(response);
  message.writeUInt16BE(query.id, 0);
  // Clients that vary the case of names to tell forged answers apart want to see their own.
  if (message.readUInt16BE(4) === 1) question.copy(message, 12);
  return message;
}

interface HeaderFields {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  readonly counts: readonly number[];
}

function header(query: Pick<DnsQuery, 'id' | 'recursionDesired'>, fields: HeaderFields): Buffer {
  const buffer = Buffer.alloc(12);
  buffer.writeUInt16BE(query.id, 0);
  const isResponse = 0x80;
  buffer.writeUInt8(
    isResponse | (fields.authoritative ? 4 : 0) | (fields.truncated ? 2 : 0) | (query.recursionDesired ? 1 : 0),
    2,
  );
  const recursionAvailable = 0x80;
  buffer.writeUInt8(recursionAvailable | fields.rcode, 3);
  fields.counts.forEach((count, index) => buffer.writeUInt16BE(count, 4 + 2 * index));
  return buffer;
}

/** A pointer to the question's name, which stands right after the header. dns-packet itself compresses nothing. */
const questionPointer = Buffer.from([0xc0, 12]);

function encodeRecord(record: ResourceRecord, query: DnsQuery): Buffer {
  if (record.name !== query.question.name) return packet.answer.encode(record);
  const nameless = packet.answer.encode({ ...record, name: '.' });
  return Buffer.concat([questionPointer, nameless.subarray(1)]);
}

function encodeOptions(dnssecOk: boolean, extendedRcode = 0): Buffer {
  const flags = dnssecOk ? 0x8000 : 0;
  const fixed = { type: 'OPT', name: '.', ednsVersion: 0, options: [] } as const;
  return packet.answer.encode({ ...fixed, udpPayloadSize: offeredPayload, extendedRcode, flags });
}
