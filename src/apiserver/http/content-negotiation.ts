/** In which form a client wants its answer. Source: apiserver's endpoints/handlers/negotiation. */
import { StatusError } from '../../base/errors.ts';
import type { Exchange } from './exchange.ts';
import type { IncludeObject } from '../table/table.ts';

/** How objects are shown. */
export type Representation = 'object' | 'table' | 'metadata';

/** What was agreed upon. */
export interface AgreedForm {
  readonly representation: Representation;
  readonly encoding: 'json' | 'yaml';
}

const accepted = 'application/json, application/yaml';
const plain: AgreedForm = { representation: 'object', encoding: 'json' };

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * The first form in the Accept header that this server speaks. Throws NotAcceptable when there is none. Answers that are
 * no stored objects (`stored` false) have neither tables nor metadata.
 */
export function agreedForm(accept: string | undefined, stored = true): AgreedForm {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return plain;
  for (const range of parseAccept(accept)) {
    const form = formOf(range);
    if (form && (stored || form.representation === 'object')) return form;
  }
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${accepted}`);
}

/** How much of each object a table carries along, by the query's `includeObject`. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const wanted = query.get('includeObject');
  return wanted === 'None' || wanted === 'Object' ? wanted : 'Metadata';
}

/** Whether JSON is indented: as the query says, else for programs behind which a person sits. Source: apiserver's responsewriters. */
export function isPretty({ headers, target }: Pick<Exchange, 'headers' | 'target'>): boolean {
  const asked = /[?&]pretty=([^&]*)/.exec(target)?.[1] ?? '';
  if (asked !== '') return ['1', 't', 'T', 'true', 'True', 'TRUE'].includes(asked);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

function formOf({ type, parameters }: MediaRange): AgreedForm | undefined {
  const encoding = encodings[type];
  if (!encoding) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return { representation: 'object', encoding };
  if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') return undefined;
  if (as === 'Table') return { representation: 'table', encoding };
  if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { representation: 'metadata', encoding };
  return undefined;
}

const encodings: Readonly<Record<string, 'json' | 'yaml'>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
};

const parsed = new Map<string, readonly MediaRange[]>();

function parseAccept(accept: string): readonly MediaRange[] {
  const known = parsed.get(accept);
  if (known) return known;
  const ranges = accept
    .split(',')
    .map(parseRange)
    .toSorted((a, b) => b.quality - a.quality);
  // Clients send the same few headers over and over; an attacker's variety must not fill the memory.
  if (parsed.size < 100) parsed.set(accept, ranges);
  return ranges;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((part): [string, string] => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
  const quality = Number(parameters.get('q') ?? '1');
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
}
