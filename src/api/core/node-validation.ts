/** Validation of nodes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid } from '../../machinery/field-error.ts';
import { cidrErrors, labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import type { Node, Taint } from './node.ts';
import { each, present, requiredFormat } from './value-checks.ts';

/** What is wrong with a node. */
export function nodeErrors({ spec }: Node, { old }: ValidationContext<Node>): FieldError[] {
  return [
    ...taintsErrors(spec.taints, 'spec.taints'),
    ...each(spec.podCIDRs, 'spec.podCIDRs', (cidr, own) =>
      cidrErrors(cidr).map((detail) => invalid(own, cidr, detail)),
    ),
    ...(old?.spec.podCIDR && old.spec.podCIDR !== spec.podCIDR
      ? [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(old?.spec.providerID && old.spec.providerID !== spec.providerID
      ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
  ];
}

function taintsErrors(taints: readonly Taint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(taints, path, (taint, own) => {
    const { key, value = '', effect } = taint;
    const pair = `${key}:${effect}`;
    const isDuplicate = seen.has(pair);
    seen.add(pair);
    return [
      ...requiredFormat(key, `${own}.key`, qualifiedNameErrors),
      ...labelValueErrors(value).map((detail) => invalid(`${own}.value`, value, detail)),
      ...present(effect, `${own}.effect`),
      ...(isDuplicate ? [{ ...duplicate(own, taint), detail: 'taints must be unique by key and effect pair' }] : []),
    ];
  });
}
