/** The schemas of answers that are not of the kind that was asked about: statuses, documents, bodies of subresources. */
import { TokenRequest } from '../../api/authentication/token-request.ts';
import { Scale } from '../../api/autoscaling/scale.ts';
import { Binding } from '../../api/core/binding.ts';
import { Eviction } from '../../api/policy/eviction.ts';
import { APIGroupDiscoveryList } from '../../machinery/discovery-documents.ts';
import { metaDocuments } from '../../machinery/meta-documents.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { StructNode } from '../../machinery/schema.ts';

const documents: ReadonlyMap<string, StructNode> = new Map([
  ...Object.entries(metaDocuments),
  ['APIGroupDiscoveryList', APIGroupDiscoveryList.node],
]);

const subresources: ReadonlyMap<string, StructNode> = new Map(
  [Scale, TokenRequest, Binding, Eviction].map(({ kind, schema }) => [kind, schema]),
);

/** The schema of an answer to a request about `resource`; undefined for an answer that has none. */
export function answerSchema(kind: string, resource?: Resource): StructNode | undefined {
  if (kind === resource?.kind) return resource.schema;
  return documents.get(kind) ?? subresources.get(kind);
}
