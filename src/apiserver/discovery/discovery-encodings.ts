/** Discovery documents as bytes. */
import { dump } from 'js-yaml';
import type { DiscoveryForm } from './discovery-negotiation.ts';

/** A document in one encoding. */
export function encodeDiscovery(content: object, encoding: DiscoveryForm['encoding']): string | Uint8Array {
  return encoding === 'yaml' ? dump(content, { noRefs: true }) : JSON.stringify(content);
}
