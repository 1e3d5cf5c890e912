import type { Resource } from '../resource.ts';

/** Whether a kind has a protobuf form; kinds that clients define have none. */
export function speaksProtobuf(resource: Resource): boolean {
  return resource.custom === undefined && resource.openApiSchema === undefined;
}
