import type { ResourceRecord } from 'dns-packet';
import packet from 'dns-packet';
import type { ClusterView } from './cluster-view.ts';
import type { ZoneAnswer, ZoneOptions } from './cluster-records.ts';
import { clusterAnswer } from './cluster-records.ts';
import { rcodes } from './dns-answer.ts';
import type { DnsMetrics } from './dns-metrics.ts';
import type { Forwarder } from './forwarder.ts';
import type { LoopGuard } from './loop-guard.ts';
import type { DnsQuery } from './query.ts';
import { parseQuery } from './query.ts';
import { encodeAnswer, encodeError, relayAnswer, sizeLimit } from './response.ts';

/** What answers come from. */
export interface DnsHandlerOptions {
  readonly view: ClusterView;
  readonly zone: ZoneOptions;
  readonly forwarder: Forwarder;
  readonly loopGuard: LoopGuard;
  readonly metrics: DnsMetrics;
  /** Whether the view is complete: until then a name that is unknown may well exist. */
  readonly isReady: () => boolean;
}

/** How a message came in. */
export interface Arrival {
  readonly transport: 'udp' | 'tcp';
  readonly signal: AbortSignal;
}

/** Aliases that lead to aliases are followed this far. */
const maxAliases = 8;

/** The answer to a message; undefined when it deserves none. */
export async function handleMessage(
  raw: Buffer,
  arrival: Arrival,
  options: DnsHandlerOptions,
): Promise<Buffer | undefined> {
  const query = parseQuery(raw);
  if (query === undefined) return undefined;
  if (!('question' in query)) return encodeError(query, query.rcode);
  const started = options.metrics.begin(arrival.transport, query.question.type);
  const response = await respond(query, arrival, options);
  options.metrics.end(started, response.readUInt8(3) & 15);
  return response;
}

async function respond(query: DnsQuery, arrival: Arrival, options: DnsHandlerOptions): Promise<Buffer> {
  const { view, zone, loopGuard, forwarder } = options;
  if (query.question.class !== 'IN') return encodeError(query, 'REFUSED');
  if (loopGuard.isProbe(query.name)) return encodeError(query, 'SERVFAIL');
  const limit = sizeLimit(query, arrival.transport);
  const answer = clusterAnswer(query.question, view, zone);
  if (answer !== undefined) {
    if (!options.isReady()) return encodeError(query, 'SERVFAIL');
    return encodeAnswer(query, await followed(query, answer, { ...options, ...arrival }), limit);
  }
  const relayed = await forwarder.ask(query, arrival.transport, arrival.signal);
  return relayed === undefined ? encodeError(query, 'SERVFAIL') : relayAnswer(query, relayed, limit);
}

/** Adds what an alias leads to, so that clients need not ask again. */
async function followed(
  query: DnsQuery,
  answer: ZoneAnswer,
  context: DnsHandlerOptions & Arrival,
): Promise<ZoneAnswer> {
  const answers: ResourceRecord[] = [...answer.answers];
  let target = answer.follow;
  for (let hops = 0; target !== undefined && hops < maxAliases; hops++) {
    const question = { ...query.question, name: target };
    const inside = clusterAnswer(question, context.view, context.zone);
    if (inside === undefined) {
      answers.push(...(await outsideRecords(target, query, context)));
      break;
    }
    answers.push(...inside.answers);
    target = inside.follow;
  }
  return { ...answer, answers };
}

async function outsideRecords(
  name: string,
  query: DnsQuery,
  { forwarder, signal }: DnsHandlerOptions & Arrival,
): Promise<ResourceRecord[]> {
  const flags = packet.RECURSION_DESIRED;
  const raw = packet.encode({ type: 'query', id: 0, flags, questions: [{ ...query.question, name }] });
  const asked = parseQuery(raw);
  if (asked === undefined || !('question' in asked)) return [];
  // Nobody would come back for the rest of an answer that was cut.
  const response = await forwarder.ask(asked, 'udp', signal);
  const whole = response !== undefined && isCut(response) ? await forwarder.ask(asked, 'tcp', signal) : response;
  if (whole === undefined || (whole.readUInt8(3) & 15) !== rcodes.NOERROR) return [];
  return packet.decode(whole).answers.filter((record): record is ResourceRecord => record.type !== 'OPT');
}

function isCut(response: Buffer): boolean {
  return (response.readUInt8(2) & 2) !== 0;
}
