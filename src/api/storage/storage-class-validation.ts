/** Validation of StorageClasses. Source: kubernetes' storage validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import { parametersErrors, provisionerErrors, unchanged } from './parameter-validation.ts';
import type { StorageClass, TopologySelectorTerm } from './storage-class.ts';

/** What is wrong with a StorageClass. Of updates only what must not change is checked. */
export function storageClassErrors(storageClass: StorageClass, { old }: ValidationContext<StorageClass>): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, allowedTopologies } = storageClass;
  if (old) {
    return [
      ...unchanged(parameters, old.parameters, 'parameters'),
      ...unchanged(provisioner, old.provisioner, 'provisioner'),
      ...unchanged(reclaimPolicy, old.reclaimPolicy, 'reclaimPolicy'),
    ];
  }
  return [
    ...provisionerErrors(provisioner, 'provisioner'),
    ...parametersErrors(parameters ?? {}, 'parameters'),
    ...(reclaimPolicy === 'Recycle' ? [notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain'])] : []),
    ...topologiesErrors(allowedTopologies ?? [], 'allowedTopologies'),
  ];
}

function topologiesErrors(terms: readonly TopologySelectorTerm[], path: string): FieldError[] {
  return each(terms, path, (term, own, index) => [
    ...termErrors(term, `${own}.matchLabelExpressions`),
    ...terms
      .slice(0, index)
      .filter((other) => equalJson(meaningOf(other), meaningOf(term)))
      .map(() => duplicate(`${own}.matchLabelExpressions`, '')),
  ]);
}

/** Order and repetition mean nothing. */
function meaningOf({ matchLabelExpressions = [] }: TopologySelectorTerm): Record<string, string[]> {
  return Object.fromEntries(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]));
}

function termErrors({ matchLabelExpressions = [] }: TopologySelectorTerm, path: string): FieldError[] {
  if (matchLabelExpressions.length === 0) return [required(path)];
  const keys = new Set<string>();
  return each(matchLabelExpressions, path, ({ key, values }, own) => {
    const errors = values.length === 0 ? [required(`${own}.values`)] : [];
    values.forEach((value, index) => {
      if (values.indexOf(value) < index) errors.push(duplicate(`${own}.values[${index}]`, value));
    });
    errors.push(...qualifiedNameErrors(key).map((detail) => invalid(`${own}.key`, key, detail)));
    if (keys.has(key)) errors.push(duplicate(`${own}.key`, key));
    keys.add(key);
    return errors;
  });
}
