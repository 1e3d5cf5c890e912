import type { SchemaNode } from '../../../machinery/schema.ts';
import { isJsonObject } from '../../../machinery/schema.ts';

/** Paths of the parts of a configuration that a merge would replace as a whole: `.spec.template.spec.containers[0].args`. */
export function atomicPaths(node: SchemaNode, value: unknown, path = ''): readonly string[] {
  if (node.kind === 'list' && Array.isArray(value)) {
    const own = node.listType === 'atomic' ? [path] : [];
    return [...own, ...value.flatMap((item, at) => atomicPaths(node.items, item, `${path}[${at}]`))];
  }
  if (!isJsonObject(value)) return [];
  const members = Object.entries(value);
  if (node.kind === 'struct') {
    const inner = members.flatMap(([name, member]) => {
      const field = node.fields[name];
      return field ? atomicPaths(field.type, member, `${path}.${name}`) : [];
    });
    return [...(node.atomic ? [path] : []), ...inner];
  }
  if (node.kind !== 'map') return [];
  return [
    ...(node.atomic ? [path] : []),
    ...members.flatMap(([name, member]) => atomicPaths(node.values, member, `${path}.${name}`)),
  ];
}
