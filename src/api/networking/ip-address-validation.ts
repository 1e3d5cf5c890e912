/** Validation of IPAddresses. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { formatted, present, requiredFormat } from '../core/value-checks.ts';
import type { IPAddress } from './ip-address.ts';

/** What is wrong with a new IPAddress; what it belongs to never changes. */
export function ipAddressErrors({ spec }: IPAddress, { old }: ValidationContext<IPAddress>): FieldError[] {
  if (old) return [];
  const { group, resource, namespace, name } = spec.parentRef;
  const path = 'spec.parentRef';
  if (!group && !resource && !namespace && !name) return present(resource, path);
  return [
    ...formatted(group, `${path}.group`, dns1123SubdomainErrors),
    ...requiredFormat(resource, `${path}.resource`, pathSegmentErrors),
    ...requiredFormat(name, `${path}.name`, pathSegmentErrors),
    ...formatted(namespace, `${path}.namespace`, pathSegmentErrors),
  ];
}
