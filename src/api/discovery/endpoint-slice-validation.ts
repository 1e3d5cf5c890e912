/** Validation of EndpointSlices. Source: kubernetes' discovery validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, required } from '../../machinery/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  labelValueErrors,
  portNumberErrors,
} from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import { labelsErrors } from '../../machinery/label-validation.ts';
import { appProtocolErrors, endpointAddressErrors, nodeNameErrors } from '../core/endpoints-validation.ts';
import { each, formatted } from '../core/value-checks.ts';
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from './endpoint-slice.ts';

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostTopologyLabels = 16;
const mostHints = 8;

/** What is wrong with an EndpointSlice. */
export function endpointSliceErrors({ addressType, endpoints, ports }: EndpointSlice): FieldError[] {
  return [
    ...(addressType ? [] : [required('addressType')]),
    ...eachOfFew(endpoints, { path: 'endpoints', most: mostEndpoints }, (endpoint, path) =>
      endpointErrors(endpoint, addressType, path),
    ),
    ...portsErrors(ports),
  ];
}

function atMost(items: number, most: number, path: string): FieldError[] {
  if (items <= most) return [];
  return [{ type: 'FieldValueTooMany', field: path, value: items, detail: `must have at most ${most} items` }];
}

/** Checks elements, unless there are so many that this alone is wrong. */
function eachOfFew<T>(
  items: readonly T[] = [],
  { path, most }: { readonly path: string; readonly most: number },
  check: (item: T, path: string) => readonly FieldError[],
): FieldError[] {
  return items.length > most ? atMost(items.length, most, path) : each(items, path, check);
}

function endpointErrors(
  { addresses, hostname, nodeName, deprecatedTopology = {}, hints }: Endpoint,
  type: EndpointSlice['addressType'],
  path: string,
): FieldError[] {
  const topology = `${path}.deprecatedTopology`;
  return [
    ...(addresses.length === 0 ? [required(`${path}.addresses`, 'must contain at least 1 address')] : []),
    ...atMost(addresses.length, mostAddresses, `${path}.addresses`),
    ...each(addresses, `${path}.addresses`, (address, own) => addressErrors(address, type, own)),
    ...(nodeName === undefined ? [] : nodeNameErrors(nodeName, `${path}.nodeName`)),
    ...atMost(Object.keys(deprecatedTopology).length, mostTopologyLabels, topology),
    ...labelsErrors(deprecatedTopology, topology),
    ...(hostname === undefined
      ? []
      : dns1123LabelErrors(hostname).map((detail) => invalid(`${path}.hostname`, hostname, detail))),
    ...(hints ? hintsErrors(hints, `${path}.hints`) : []),
  ];
}

function addressErrors(address: string, type: EndpointSlice['addressType'], path: string): FieldError[] {
  if (type === 'FQDN') return dns1123SubdomainErrors(address).map((detail) => invalid(path, address, detail));
  const errors = ipErrors(address);
  if (errors.length > 0) return errors.map((detail) => invalid(path, address, detail));
  const isOther = ipFamily(address) !== (type === 'IPv4' ? 4 : 6);
  return [
    ...(isOther ? [invalid(path, address, `must be an ${type} address`)] : []),
    ...endpointAddressErrors(address, path),
  ];
}

function hintsErrors({ forZones, forNodes }: EndpointHints, path: string): FieldError[] {
  const names = (items: readonly { readonly name: string }[] = [], own: string, check: typeof labelValueErrors) => {
    const seen = new Set<string>();
    return eachOfFew(items, { path: own, most: mostHints }, ({ name }, at) => {
      const isDouble = seen.has(name);
      seen.add(name);
      return [
        ...(isDouble ? [duplicate(`${at}.name`, name)] : []),
        ...check(name).map((detail) => invalid(`${at}.name`, name, detail)),
      ];
    });
  };
  return [
    ...names(forZones, `${path}.forZones`, labelValueErrors),
    ...names(forNodes, `${path}.forNodes`, dns1123SubdomainErrors),
  ];
}

function portsErrors(ports: readonly EndpointPort[] | undefined): FieldError[] {
  const names = new Set<string>();
  return eachOfFew(ports, { path: 'ports', most: mostPorts }, ({ name = '', port, appProtocol }, path) => {
    const isDuplicate = names.has(name);
    names.add(name);
    return [
      ...(isDuplicate ? [duplicate(`${path}.name`, name)] : []),
      ...formatted(name, `${path}.name`, dns1123LabelErrors),
      ...(port === undefined ? [] : portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail))),
      ...appProtocolErrors(appProtocol, `${path}.appProtocol`),
    ];
  });
}
