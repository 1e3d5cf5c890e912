/** The columns of `kubectl get endpointslices`. */
import type { Column } from '../../machinery/resource.ts';
import type { EndpointSlice } from './endpoint-slice.ts';

const shown = 3;

/** The columns beside Name and Age. */
export const endpointSliceColumns: Readonly<Record<string, Column<EndpointSlice>>> = {
  AddressType: ({ addressType }) => addressType,
  Ports: ({ ports = [] }) =>
    abbreviated(ports.map(({ port, name }) => (port === undefined ? name || '*' : String(port)))),
  Endpoints: ({ endpoints = [] }) => abbreviated(endpoints.flatMap(({ addresses }) => addresses)),
};

function abbreviated(items: readonly string[]): string {
  if (items.length === 0) return '<unset>';
  const more = items.length > shown ? ` + ${items.length - shown} more...` : '';
  return `${items.slice(0, shown).join(',')}${more}`;
}
