import { expect, test } from 'vitest';
import { loadDescriptions } from '../../api/descriptions.ts';
import { builtinResources } from '../../api/registry.ts';
import { conditionDescriptions } from '../../machinery/descriptions.ts';
import type { SchemaNode, StructNode } from '../../machinery/schema.ts';
import { subresourceResources } from './operations.ts';
import { SchemaNames } from './schema-names.ts';

const all = [...new Set([...builtinResources, ...subresourceResources])];

/** Every struct that kinds are made of. */
function structs(): ReadonlySet<StructNode> {
  const found = new Set<StructNode>();
  const visit = (node: SchemaNode): void => {
    if (node.kind === 'list') return visit(node.items);
    if (node.kind === 'map') return visit(node.values);
    if (node.kind !== 'struct' || found.has(node)) return;
    found.add(node);
    for (const { type } of Object.values(node.fields)) visit(type);
  };
  for (const { schema } of all) visit(schema);
  return found;
}

test('every kind, struct and field is described', async () => {
  const names = new SchemaNames(all);
  const kinds = new Set(all.map(({ schema }) => schema));
  const descriptions = await loadDescriptions();
  const undescribed: string[] = [];
  for (const node of structs()) {
    const about = { group: names.groupOf(node), struct: node.name, isKind: kinds.has(node) };
    // A union shows none of its members.
    for (const field of node.union ? [''] : ['', ...Object.keys(node.fields)]) {
      const text = descriptions.of(about, field);
      if (!text || !/^\S.*\.$/s.test(text)) undescribed.push(`${names.nameOf(node)}.${field}`);
    }
  }
  expect(undescribed).toEqual([]);
});

test('descriptions are of things that there are', async () => {
  const names = new SchemaNames(all);
  const descriptions = await loadDescriptions();
  const known = new Set<string>();
  for (const node of structs()) {
    known.add(`${names.groupOf(node)}/${node.name}`);
    // Tables spread what several structs have in common.
    for (const field of Object.keys(node.fields)) known.add(`${names.groupOf(node)}.${field}`);
  }
  for (const field of Object.keys(conditionDescriptions)) known.add(`.${field}`);
  const stale = descriptions
    .entries()
    .filter(([group, struct, field]) => !known.has(`${group}/${struct}`) || (field && !known.has(`${group}.${field}`)));
  expect(stale.map(([group, struct, field]) => `${group}/${struct}.${field}`)).toEqual([]);
});
