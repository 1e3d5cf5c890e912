/** In which form a client wants its answer. Source: apiserver's endpoints/handlers/negotiation. */
import { StatusError } from '../../base/errors.ts';
import { fieldErrorText, invalid } from '../../machinery/field-error.ts';
import { badRequest } from '../resources/api-errors.ts';
import type { IncludeObject } from '../table/table.ts';
import type { EncodingName } from './encodings.ts';
import type { Exchange } from './exchange.ts';

/** How objects are shown. */
export type Representation = 'object' | 'table' | 'metadata';

/** What was agreed upon. */
export interface AgreedForm {
  readonly representation: Representation;
  readonly encoding: EncodingName | 'yaml';
  /** Of tables and metadata: the kind that was asked for, and the version of meta.k8s.io. */
  readonly as: { readonly kind: string; readonly version: string } | undefined;
  /** The media type says that JSON is to be indented. */
  readonly pretty: boolean;
}

/** What an endpoint can show. */
export interface Offer {
  /** Objects that are stored have tables and metadata; reviews and documents have not. */
  readonly stored: boolean;
  /** Custom resources have no protobuf form, but their metadata does. */
  readonly protobuf: boolean;
  /** The answer is a stream: YAML can't be one. */
  readonly stream?: boolean;
}

/** The media types of the encodings, in the order in which `*` finds them. */
export const mediaTypes: Readonly<Record<EncodingName | 'yaml', string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
  cbor: 'application/cbor',
};

/** The media types of answers that are streams of events. */
export const streamTypes: Readonly<Record<EncodingName, string>> = {
  json: 'application/json',
  protobuf: 'application/vnd.kubernetes.protobuf;stream=watch',
  cbor: 'application/cbor-seq',
};

/** What refusals name. */
export const acceptedTypes = Object.values(mediaTypes).join(', ');
const acceptedStreams =
  'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch, application/cbor-seq';

/** What any endpoint can show as it is: a Status, a document. */
export const plainOffer: Offer = { stored: false, protobuf: true };

/** Compact JSON: what those get who do not say. */
export const plainJson: AgreedForm = { representation: 'object', encoding: 'json', as: undefined, pretty: false };

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The first form in the Accept header that this server speaks. Throws NotAcceptable when there is none. */
export function agreedForm(accept: string | undefined, offer: Offer): AgreedForm {
  const form = formFor(accept, offer);
  if (form) return form;
  throw notAcceptable(offer.stream);
}

/** The failure of a request whose client takes nothing that there is. */
export function notAcceptable(stream = false): StatusError {
  const accepted = stream ? acceptedStreams : acceptedTypes;
  return new StatusError('NotAcceptable', `only the following media types are accepted: ${accepted}`);
}

/** Like `agreedForm`; undefined when there is none. */
export function formFor(accept: string | undefined, offer: Offer): AgreedForm | undefined {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return plainJson;
  for (const range of parseAccept(accept)) {
    for (const encoding of encodingsOf(range.type)) {
      const form = formOf(range, encoding, offer);
      if (form) return form;
    }
  }
  return undefined;
}

/** How much of each object a table carries along, by the query's `includeObject`. Throws BadRequest. */
export function includeObjectOf(query: URLSearchParams): IncludeObject {
  const wanted = query.get('includeObject') || 'Metadata';
  if (wanted === 'None' || wanted === 'Object' || wanted === 'Metadata') return wanted;
  const error = invalid('includeObject', wanted, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${fieldErrorText(error)}`);
}

/** Whether JSON is indented: as the query says, else for programs behind which a person sits. Source: apiserver's responsewriters. */
export function isPretty({ headers, target }: Pick<Exchange, 'headers' | 'target'>): boolean {
  const asked = /[?&]pretty=([^&]*)/.exec(target)?.[1] ?? '';
  if (asked !== '') return ['1', 't', 'T', 'true', 'True', 'TRUE'].includes(asked);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

const names = Object.keys(mediaTypes) as (keyof typeof mediaTypes)[];

/** The encodings that a media range covers. */
function encodingsOf(type: string): readonly (keyof typeof mediaTypes)[] {
  if (type === '*/*' || type === 'application/*') return names;
  // A sequence is what a watch in CBOR answers with, whichever of the two its client names.
  if (type === streamTypes.cbor) return ['cbor'];
  return names.filter((name) => mediaTypes[name] === type);
}

function formOf({ parameters }: MediaRange, encoding: AgreedForm['encoding'], offer: Offer): AgreedForm | undefined {
  const stream = parameters.get('stream') ?? '';
  if (encoding === 'yaml' && (offer.stream || stream !== '')) return undefined;
  if (stream !== '' && stream !== 'watch') return undefined;
  const serverVersion = parameters.get('sv') ?? '';
  if (serverVersion !== '' && !(offer.stored && serverVersion === 'v1')) return undefined;
  const pretty = parameters.get('pretty') === '1';
  const [kind, group, version] = ['as', 'g', 'v'].map((name) => parameters.get(name));
  if (kind === undefined && group === undefined && version === undefined) {
    if (encoding === 'protobuf' && !offer.protobuf) return undefined;
    return { representation: 'object', encoding, as: undefined, pretty };
  }
  if (!offer.stored || kind === undefined || group !== 'meta.k8s.io') return undefined;
  if (version !== 'v1' && version !== 'v1beta1') return undefined;
  const representation = representations[kind];
  if (!representation) return undefined;
  if (representation === 'table' && encoding !== 'json' && encoding !== 'yaml') return undefined;
  return { representation, encoding, as: { kind, version }, pretty };
}

const representations: Readonly<Record<string, Representation>> = {
  Table: 'table',
  PartialObjectMetadata: 'metadata',
  PartialObjectMetadataList: 'metadata',
};

const parsed = new Map<string, readonly MediaRange[]>();

function parseAccept(accept: string): readonly MediaRange[] {
  const known = parsed.get(accept);
  if (known) return known;
  const ranges = accept.split(',').map(parseRange).toSorted(byPreference);
  // Clients send the same few headers over and over; an attacker's variety must not fill the memory.
  if (parsed.size < 100) parsed.set(accept, ranges);
  return ranges;
}

/** Wildcards come after what is named. Source: goautoneg. */
function byPreference(a: MediaRange, b: MediaRange): number {
  return b.quality - a.quality || wildcards(a) - wildcards(b);
}

function wildcards({ type }: MediaRange): number {
  return type.split('*').length - 1;
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
