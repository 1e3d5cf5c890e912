/** Conditions of custom resource definitions. */
import type { Writable } from '../../machinery/schema.ts';
import type { CustomResourceDefinition, DefinitionCondition, DefinitionStatus } from './custom-resource-definition.ts';

/** The condition of a type. */
export function conditionOf(
  { status }: { readonly status: DefinitionStatus },
  type: string,
): DefinitionCondition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}

/** Whether the names of a definition are its own, so that its kind is served. */
export function isEstablished(definition: CustomResourceDefinition): boolean {
  return conditionOf(definition, 'Established')?.status === 'True';
}

/** Sets a condition; the time of its last transition stays when its status does. */
export function setCondition(status: Writable<DefinitionStatus>, condition: DefinitionCondition): void {
  const at = status.conditions.findIndex(({ type }) => type === condition.type);
  const known = status.conditions[at];
  if (!known) {
    status.conditions.push({ ...condition });
    return;
  }
  const since = known.status === condition.status ? known.lastTransitionTime : undefined;
  status.conditions[at] = { ...condition, ...(since === undefined ? {} : { lastTransitionTime: since }) };
}
