/** Validation of EndpointSlices. Source: kubernetes' discovery validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { endpointAddressErrors } from '../core/endpoints-validation.ts';
import { each, formatted } from '../core/value-checks.ts';
import type { Endpoint, EndpointPort, EndpointSlice } from './endpoint-slice.ts';

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;

/** What is wrong with an EndpointSlice. */
export function endpointSliceErrors({ addressType, endpoints = [], ports = [] }: EndpointSlice): FieldError[] {
  return [
    ...(addressType ? [] : [required('addressType')]),
    ...atMost(endpoints, mostEndpoints, 'endpoints'),
    ...each(endpoints, 'endpoints', (endpoint, path) => endpointErrors(endpoint, addressType, path)),
    ...atMost(ports, mostPorts, 'ports'),
    ...portsErrors(ports),
  ];
}

function atMost(items: readonly unknown[], most: number, path: string): FieldError[] {
  if (items.length <= most) return [];
  return [{ type: 'FieldValueTooMany', field: path, value: items.length, detail: `must have at most ${most} items` }];
}

function endpointErrors(
  { addresses, hostname }: Endpoint,
  type: EndpointSlice['addressType'],
  path: string,
): FieldError[] {
  return [
    ...(addresses.length === 0 ? [required(`${path}.addresses`, 'must contain at least 1 address')] : []),
    ...atMost(addresses, mostAddresses, `${path}.addresses`),
    ...each(addresses, `${path}.addresses`, (address, own) => addressErrors(address, type, own)),
    ...formatted(hostname, `${path}.hostname`, dns1123LabelErrors),
  ];
}

function addressErrors(address: string, type: EndpointSlice['addressType'], path: string): FieldError[] {
  if (type === 'FQDN') return dns1123SubdomainErrors(address).map((detail) => invalid(path, address, detail));
  const family = type === 'IPv4' ? 4 : 6;
  if (ipFamily(address) !== family) return [invalid(path, address, `must be an ${type} address`)];
  return endpointAddressErrors(address, path);
}

function portsErrors(ports: readonly EndpointPort[]): FieldError[] {
  const names = new Set<string>();
  return each(ports, 'ports', ({ name = '', port }, path) => {
    const isDuplicate = names.has(name);
    names.add(name);
    return [
      ...(isDuplicate ? [duplicate(`${path}.name`, name)] : []),
      ...formatted(name, `${path}.name`, dns1123LabelErrors),
      ...(port === undefined ? [] : portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail))),
    ];
  });
}
