/** Validation of CSINodes. Source: kubernetes' storage validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each, nonNegative } from '../core/value-checks.ts';
import type { CSINode, CSINodeDriver } from './csi-node.ts';
import { csiDriverNameErrors } from '../core/volume-source-validation.ts';

/** The longest id that a driver may give a node, in bytes. */
const maxNodeId = 192;

/** What is wrong with a CSINode. Of a driver that is registered only the number of volumes may change. */
export function csiNodeErrors({ spec }: CSINode, { old }: ValidationContext<CSINode>): FieldError[] {
  const names = new Set<string>();
  const errors = each(spec.drivers, 'spec.drivers', (driver, own) => {
    const repeated = names.has(driver.name);
    names.add(driver.name);
    return [
      ...csiDriverNameErrors(driver.name, `${own}.name`),
      ...nodeIdErrors(driver.nodeID, `${own}.nodeID`),
      ...nonNegative(driver.allocatable?.count, `${own}.allocatable.count`),
      ...(repeated ? [duplicate(`${own}.name`, driver.name)] : []),
      ...topologyErrors(driver.topologyKeys ?? [], own),
    ];
  });
  const changed = spec.drivers.filter((driver) => {
    const before = old?.spec.drivers.find(({ name }) => name === driver.name);
    return before && !equalJson(identityOf(driver), identityOf(before));
  });
  return [...errors, ...changed.map((driver) => invalid('spec.drivers', identityOf(driver), 'field is immutable'))];
}

function identityOf({ name, nodeID, topologyKeys }: CSINodeDriver): object {
  return { name, nodeID, topologyKeys: topologyKeys ?? [] };
}

function nodeIdErrors(id: string, path: string): FieldError[] {
  if (id === '') return [required(path)];
  return id.length > maxNodeId ? [invalid(path, id, `must be ${maxNodeId} characters or less`)] : [];
}

function topologyErrors(keys: readonly string[], path: string): FieldError[] {
  return keys.flatMap((key, index) => [
    ...(key === '' ? [required(path)] : []),
    ...(keys.indexOf(key) < index ? [duplicate(path, key)] : []),
    ...qualifiedNameErrors(key).map((detail) => invalid(path, key, detail)),
  ]);
}
