/** Validation of Endpoints, and of addresses for EndpointSlices. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  ipErrors,
  portNumberErrors,
  qualifiedNameErrors,
} from '../../machinery/formats.ts';
import { networkContains, parseIP, parseNetwork } from '../../machinery/ip-address.ts';
import type { Network } from '../../machinery/ip-address.ts';
import type { EndpointAddress, EndpointPort, Endpoints } from './endpoints.ts';
import { each, formatted, requiredFormat } from './value-checks.ts';

/** What is wrong with an Endpoints object. */
export function endpointsErrors({ subsets }: Endpoints): FieldError[] {
  return each(subsets, 'subsets', ({ addresses = [], notReadyAddresses = [], ports = [] }, path) => [
    ...(addresses.length + notReadyAddresses.length === 0
      ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...each(addresses, `${path}.addresses`, addressErrors),
    ...each(notReadyAddresses, `${path}.notReadyAddresses`, addressErrors),
    ...each(ports, `${path}.ports`, (port, own) => portErrors(port, ports.length > 1, own)),
  ]);
}

function addressErrors({ ip, hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  const errors = ipErrors(ip).map((detail) => invalid(`${path}.ip`, ip, detail));
  return [
    ...(errors.length > 0 ? errors : endpointAddressErrors(ip, `${path}.ip`)),
    ...formatted(hostname, `${path}.hostname`, dns1123LabelErrors),
    ...(nodeName === undefined ? [] : nodeNameErrors(nodeName, `${path}.nodeName`)),
  ];
}

/** What is wrong with the name of the node that an endpoint is on. */
export function nodeNameErrors(name: string, path: string): FieldError[] {
  return dns1123SubdomainErrors(name).map((detail) => invalid(path, name, detail));
}

function portErrors({ name, port, appProtocol }: EndpointPort, needsName: boolean, path: string): FieldError[] {
  return [
    ...(needsName
      ? requiredFormat(name, `${path}.name`, dns1123LabelErrors)
      : formatted(name, `${path}.name`, dns1123LabelErrors)),
    ...portNumberErrors(port).map((detail) => invalid(`${path}.port`, port, detail)),
    ...appProtocolErrors(appProtocol, `${path}.appProtocol`),
  ];
}

/** What is wrong with the application protocol of a port. */
export function appProtocolErrors(name: string | undefined, path: string): FieldError[] {
  return name === undefined ? [] : qualifiedNameErrors(name).map((detail) => invalid(path, name, detail));
}

const network = (text: string): Network => {
  const parsed = parseNetwork(text);
  if (!parsed) throw new Error(`${text} is no network`);
  return parsed;
};

const unusable: readonly { readonly networks: readonly Network[]; readonly detail: string }[] = [
  { networks: [network('0.0.0.0/32'), network('::/128')], detail: 'may not be unspecified (%s)' },
  {
    networks: [network('127.0.0.0/8'), network('::1/128')],
    detail: 'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  },
  {
    networks: [network('169.254.0.0/16'), network('fe80::/10')],
    detail: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  },
  {
    networks: [network('224.0.0.0/24'), network('ff02::/16')],
    detail: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
];

/** What is wrong with a well-formed address as an endpoint: traffic to it would not reach where it seems to lead. */
export function endpointAddressErrors(text: string, path: string): FieldError[] {
  const address = parseIP(text);
  if (!address) return [];
  const found = unusable.find(({ networks }) => networks.some((range) => networkContains(range, address)));
  return found ? [invalid(path, text, found.detail.replace('%s', text))] : [];
}
