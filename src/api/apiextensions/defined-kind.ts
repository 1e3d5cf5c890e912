import { defineResource } from '../../machinery/resource.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';
import { isEstablished } from './definition-conditions.ts';

/**
 * The kind that a definition defines, as far as clients need it that look at nothing but metadata; undefined while it is
 * not served. Of several versions the stored one, or the first that is served.
 */
export function definedKind(definition: CustomResourceDefinition): Resource | undefined {
  const { group, scope, versions } = definition.spec;
  const served = versions.filter((version) => version.served);
  const version = served.find(({ storage }) => storage) ?? served[0];
  if (!version || !isEstablished(definition)) return undefined;
  const { plural, kind } = definition.status.acceptedNames;
  const namespaced = scope === 'Namespaced';
  return defineResource({
    group,
    version: version.name,
    kind,
    plural,
    scope: namespaced ? 'Namespaced' : 'Cluster',
    fields: {},
  });
}
