import { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { definedKind } from '../../api/apiextensions/defined-kind.ts';
import type { TestCluster } from '../../distro/testing/test-cluster.ts';
import type { Resource } from '../../machinery/resource.ts';

/** Defines a namespaced kind `Widget` without a specification, and waits until it is served. */
export async function widgetKind(cluster: TestCluster): Promise<Resource> {
  await cluster.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  });
  const definition = await cluster.client.get(CustomResourceDefinition, { name: 'widgets.example.com' });
  const kind = definedKind(definition);
  if (!kind) throw new Error('widgets are not served');
  return kind;
}
