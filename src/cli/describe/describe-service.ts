import type { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Service } from '../../api/core/service.ts';
import { labelsText } from '../output/server-table.ts';
import type { ClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import { hostPort } from './container-lines.ts';
import type { DescribeContext } from './describers.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

const shownEndpoints = 3;

/** Everything about a service but its events. */
export async function describeService(service: Service, { writer, read }: DescribeContext): Promise<void> {
  const { metadata, spec, status } = service;
  const slices = await slicesOf(metadata, read);
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `Selector:\t${labelsText(spec.selector)}`);
  writer.line(0, `Type:\t${spec.type}`);
  if (spec.ipFamilyPolicy) writer.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`);
  writer.line(0, `IP Families:\t${spec.ipFamilies?.join(',') || '<none>'}`);
  writer.line(0, `IP:\t${spec.clusterIP ?? ''}`);
  writer.line(0, `IPs:\t${spec.clusterIPs?.join(',') || '<none>'}`);
  if (spec.externalIPs?.length) writer.line(0, `External IPs:\t${spec.externalIPs.join(',')}`);
  if (spec.loadBalancerIP) writer.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`);
  if (spec.externalName) writer.line(0, `External Name:\t${spec.externalName}`);
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0)
    writer.line(0, `LoadBalancer Ingress:\t${ingress.map((one) => one.ip ?? one.hostname ?? '').join(', ')}`);
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>';
    writer.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`);
    writer.line(0, `TargetPort:\t${port.targetPort ?? port.port}/${port.protocol}`);
    if (port.nodePort) writer.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`);
    writer.line(0, `Endpoints:\t${endpointsText(slices, port.name ?? '')}`);
  }
  writer.line(0, `Session Affinity:\t${spec.sessionAffinity ?? ''}`);
  if (spec.externalTrafficPolicy) writer.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`);
  if (spec.internalTrafficPolicy) writer.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`);
  if (spec.trafficDistribution) writer.line(0, `Traffic Distribution:\t${spec.trafficDistribution}`);
  if (spec.healthCheckNodePort) writer.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
  if (spec.loadBalancerSourceRanges?.length)
    writer.line(0, `LoadBalancer Source Ranges:\t${spec.loadBalancerSourceRanges.join(',')}`);
}

/** The endpoint slices of a service; none that the user may not see. */
export async function slicesOf(
  { name, namespace = '' }: { readonly name: string; readonly namespace?: string | undefined },
  read: ClusterReader,
): Promise<readonly EndpointSlice[]> {
  const found = await read.list(knownResources.EndpointSlice, {
    namespace,
    labelSelector: `kubernetes.io/service-name=${name}`,
  });
  return (found ?? []).map((slice) => asKind<EndpointSlice>(slice));
}

/** The first few ready endpoints of a port. */
export function endpointsText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>';
  const addresses = slices.flatMap((slice) =>
    (slice.ports ?? [])
      .filter((port) => (port.name ?? '') === portName)
      .flatMap((port) =>
        (slice.endpoints ?? [])
          .filter((endpoint) => endpoint.conditions?.ready !== false)
          .flatMap((endpoint) => endpoint.addresses.map((address) => hostPort(address, port.port ?? 0))),
      ),
  );
  const more = addresses.length - shownEndpoints;
  const listed = addresses.slice(0, shownEndpoints).join(',');
  return more > 0 ? `${listed} + ${more} more...` : listed;
}
