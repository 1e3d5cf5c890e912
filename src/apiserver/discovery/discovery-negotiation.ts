/** Which form of a discovery document a client wants. */
import type { EncodingName } from '../http/encodings.ts';

/** The form of a document. */
export interface DiscoveryForm {
  readonly encoding: EncodingName | 'yaml';
  /** The version of the aggregated form; undefined for the plain documents. */
  readonly aggregated: 'v2' | 'v2beta1' | undefined;
}

const encodings: Readonly<Record<string, DiscoveryForm['encoding']>> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
  'application/cbor': 'cbor',
};

/** The first of the client's ranges that there is; undefined when none is. `summary`: the aggregated form exists here. */
export function agreedForm(accept: string | undefined, summary: boolean): DiscoveryForm | undefined {
  for (const range of (accept || '*/*').split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const encoding = encodings[type];
    if (!encoding) continue;
    const values = new Map(parameters.map((parameter) => parameter.split('=', 2) as [string, string | undefined]));
    const as = values.get('as');
    if (as === undefined) return { encoding, aggregated: undefined };
    const version = values.get('v');
    const isAggregated = as === 'APIGroupDiscoveryList' && values.get('g') === 'apidiscovery.k8s.io' && summary;
    if (isAggregated && (version === 'v2' || version === 'v2beta1')) return { encoding, aggregated: version };
  }
  return undefined;
}
