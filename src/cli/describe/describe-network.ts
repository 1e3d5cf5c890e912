import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Endpoints } from '../../api/core/endpoints.ts';
import type { DescribeContext } from './describers.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

/** An endpoint slice. */
export async function describeEndpointSlice(slice: EndpointSlice, { writer }: DescribeContext): Promise<void> {
  const { metadata, addressType, ports, endpoints = [] } = slice;
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `AddressType:\t${addressType}`);
  if (!ports?.length) writer.line(0, 'Ports: <unset>');
  else {
    writer.line(0, 'Ports:');
    writer.line(1, 'Name\tPort\tProtocol');
    writer.line(1, '----\t----\t--------');
    for (const port of ports) writer.line(1, `${port.name || '<unset>'}\t${port.port ?? 0}\t${port.protocol ?? ''}`);
  }
  if (endpoints.length === 0) writer.line(0, 'Endpoints: <none>');
  else writer.line(0, 'Endpoints:');
  for (const { addresses, conditions, hostname, targetRef, nodeName, zone } of endpoints) {
    writer.line(1, `- Addresses:\t${addresses.join(', ') || '<none>'}`);
    writer.line(2, 'Conditions:');
    writer.line(3, `Ready:\t${conditions?.ready ?? '<unset>'}`);
    writer.line(2, `Hostname:\t${hostname ?? '<unset>'}`);
    if (targetRef) writer.line(2, `TargetRef:\t${targetRef.kind}/${targetRef.name}`);
    writer.line(2, `NodeName:\t${nodeName ?? '<unset>'}`);
    writer.line(2, `Zone:\t${zone ?? '<unset>'}`);
  }
}

/** The endpoints of a service in their old form. */
export async function describeEndpoints(
  { metadata, subsets = [] }: Endpoints,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, 'Subsets:');
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const listed = (all: readonly { readonly ip: string }[]): string => all.map(({ ip }) => ip).join(',') || '<none>';
    writer.line(1, `Addresses:\t${listed(addresses)}`);
    writer.line(1, `NotReadyAddresses:\t${listed(notReadyAddresses)}`);
    if (ports.length > 0) {
      writer.line(1, 'Ports:');
      writer.line(2, 'Name\tPort\tProtocol');
      writer.line(2, '----\t----\t--------');
      for (const port of ports) writer.line(2, `${port.name || '<unset>'}\t${port.port}\t${port.protocol ?? ''}`);
    }
    writer.line(0, '');
  }
}
