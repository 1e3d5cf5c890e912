/** Discovery documents as bytes. */
import { dump } from 'js-yaml';
import { answerSchema } from '../http/answer-schemas.ts';
import { encodings } from '../http/encodings.ts';
import type { DiscoveryForm } from './discovery-negotiation.ts';

/** A document in one encoding. */
export function encodeDiscovery(content: object, encoding: DiscoveryForm['encoding']): string | Uint8Array {
  if (encoding === 'yaml') return dump(content, { noRefs: true });
  if (encoding === 'json') return JSON.stringify(content);
  // The documents of the core group do not say their version.
  const document = { apiVersion: 'v1', kind: '', ...content };
  const { whole, member } = encodings[encoding];
  return whole(document, member(answerSchema(document.kind), content));
}
