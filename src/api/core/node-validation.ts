/** Validation of nodes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid } from '../../machinery/field-error.ts';
import { cidrErrors, labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import type { Node, NodeStatus, Taint } from './node.ts';
import { quantityErrors } from './resource-validation.ts';
import { each, present } from './value-checks.ts';

/** What is wrong with a node. */
export function nodeErrors({ spec, status }: Node, { old }: ValidationContext<Node>): FieldError[] {
  return [
    // Upstream's path says that they are metadata.
    ...taintsErrors(spec.taints, 'metadata.taints'),
    ...amountsErrors(status.capacity, 'status.capacity'),
    ...amountsErrors(status.allocatable, 'status.allocatable'),
    ...(old ? changeErrors({ spec, status }, old) : networksErrors(spec.podCIDRs, 'spec.podCIDRs')),
  ];
}

function taintsErrors(taints: readonly Taint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(taints, path, (taint, own) => {
    const { key, value = '', effect } = taint;
    const pair = `${key}:${effect}`;
    const isDuplicate = seen.has(pair);
    seen.add(pair);
    const wrongValue = labelValueErrors(value);
    return [
      ...qualifiedNameErrors(key).map((detail) => invalid(`${own}.key`, key, detail)),
      ...(wrongValue.length > 0 ? [invalid(`${own}.value`, value, wrongValue.join(';'))] : []),
      ...present(effect, `${own}.effect`),
      ...(isDuplicate ? [{ ...duplicate(own, taint), detail: 'taints must be unique by key and effect pair' }] : []),
    ];
  });
}

function amountsErrors(amounts: NodeStatus['capacity'] = {}, path: string): FieldError[] {
  return Object.entries(amounts).flatMap(([name, amount]) => quantityErrors(name, amount, `${path}.${name}`));
}

function networksErrors(networks: readonly string[] = [], path: string): FieldError[] {
  const errors = each(networks, path, (cidr, own) => cidrErrors(cidr).map((detail) => invalid(own, cidr, detail)));
  if (networks.length <= 1 || errors.length > 0) return errors;
  const families = new Set(networks.map((network) => ipFamily(network.replace(/\/.*/, ''))));
  if (families.size < 2 || networks.length > 2) {
    errors.push(invalid(path, networks, 'may specify no more than one CIDR for each IP family'));
  }
  return [
    ...errors,
    ...each(networks, path, (network, own, index) =>
      networks.indexOf(network) < index ? [duplicate(own, network)] : [],
    ),
  ];
}

function changeErrors({ spec, status }: Pick<Node, 'spec' | 'status'>, { spec: old }: Node): FieldError[] {
  const { addresses = [] } = status;
  const once = (what: string): string => `node updates may not change ${what} except from "" to valid`;
  const hasNetworks = (old.podCIDRs ?? []).length > 0;
  return [
    ...each(addresses, 'status.addresses', (address, own, index) =>
      addresses.findIndex((other) => equalJson(other, address)) < index ? [duplicate(own, address)] : [],
    ),
    ...(hasNetworks && !equalJson(old.podCIDRs, spec.podCIDRs) ? [forbidden('spec.podCIDRs', once('podCIDR'))] : []),
    ...(old.providerID && old.providerID !== spec.providerID ? [forbidden('spec.providerID', once('providerID'))] : []),
    ...(spec.externalID === old.externalID ? [] : [forbidden('spec.externalID', 'may not be updated')]),
  ];
}
