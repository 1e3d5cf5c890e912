import type { Resource } from '../resource.ts';

const known = new WeakMap<Resource, boolean>();

/** Whether a kind has a protobuf form: all its fields are numbered, as those of custom resources are not. */
export function speaksProtobuf(resource: Resource): boolean {
  let answer = known.get(resource);
  if (answer === undefined) {
    const isCustom = resource.openApiSchema !== undefined;
    const numbered = Object.entries(resource.schema.fields).every(([name, { id }]) => id > 0 || isTypeMeta(name));
    known.set(resource, (answer = numbered && !isCustom));
  }
  return answer;
}

function isTypeMeta(name: string): boolean {
  return name === 'apiVersion' || name === 'kind';
}
