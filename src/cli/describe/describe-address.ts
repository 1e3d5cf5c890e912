import type { IPAddress } from '../../api/networking/ip-address.ts';
import type { ServiceCIDR } from '../../api/networking/service-cidr.ts';
import type { DescribeContext } from './describers.ts';
import { longTime, writeAnnotations, writeLabels } from './meta-lines.ts';

/** An address that is taken, and by what. */
export async function describeIPAddress({ metadata, spec }: IPAddress, { writer }: DescribeContext): Promise<void> {
  const { group = '', resource, namespace = '', name } = spec.parentRef;
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, 'Parent Reference:');
  writer.line(1, `Group:\t${group}`);
  writer.line(1, `Resource:\t${resource}`);
  writer.line(1, `Namespace:\t${namespace}`);
  writer.line(1, `Name:\t${name}`);
}

/** Networks of services, and whether they can be used. */
export async function describeServiceCIDR(
  { metadata, spec, status }: ServiceCIDR,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `CIDRs:\t${(spec.cidrs ?? []).join(', ')}`);
  const { conditions = [] } = status ?? {};
  if (conditions.length === 0) return;
  writer.line(0, 'Status:');
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
  writer.line(1, '----\t------\t------------------\t------\t-------');
  for (const { type, status: state, lastTransitionTime, reason, message } of conditions) {
    writer.line(1, `${type}\t${state}\t${longTime(lastTransitionTime)}\t${reason}\t${message}`);
  }
}
