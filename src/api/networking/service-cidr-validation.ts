/** Validation of ServiceCIDRs. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import { canonicalCIDRErrors } from '../../machinery/formats.ts';
import { parseNetwork } from '../../machinery/ip-address.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import type { ServiceCIDR } from './service-cidr.ts';

const path = 'spec.cidrs';
const immutable = 'field is immutable';

/** What is wrong with a ServiceCIDR. An update may add a network of the other family, nothing else. */
export function serviceCIDRErrors(
  { spec: { cidrs = [] } }: ServiceCIDR,
  { old, subresource }: ValidationContext<ServiceCIDR>,
): FieldError[] {
  if (subresource === 'status') return [];
  if (!old) return networksErrors(cidrs);
  const { cidrs: before = [] } = old.spec;
  if (cidrs.length !== before.length && !(before.length === 1 && cidrs.length === 2)) {
    return [invalid(path, cidrs, immutable)];
  }
  const changed = each(before, path, (network, own, index) =>
    cidrs[index] === network ? [] : [invalid(own, cidrs[index], immutable)],
  );
  return cidrs.length === before.length ? changed : [...changed, ...networksErrors(cidrs)];
}

function networksErrors(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalid(path, { cidrs }, 'may only hold up to 2 values')];
  const errors = each(cidrs, path, (network, own) =>
    canonicalCIDRErrors(network).map((detail) => invalid(own, network, detail)),
  );
  const [first, second] = cidrs.map((network) => parseNetwork(network)?.address.family);
  if (first === undefined || first !== second) return errors;
  const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
  return [...errors, invalid(path, cidrs, detail)];
}
