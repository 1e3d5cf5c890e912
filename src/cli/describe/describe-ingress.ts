import type { IngressClass } from '../../api/networking/ingress-class.ts';
import type { Ingress, IngressBackend, IngressTLS } from '../../api/networking/ingress.ts';
import { Service } from '../../api/core/service.ts';
import { messageOf } from '../../base/errors.ts';
import { asKind } from '../resource/kube-object.ts';
import { endpointsText, slicesOf } from './describe-service.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { writeAnnotations, writeLabels } from './meta-lines.ts';

/** An ingress, with the endpoints behind each of its paths. */
export async function describeIngress(ingress: Ingress, context: DescribeContext): Promise<void> {
  const { writer } = context;
  const { metadata, spec, status } = ingress;
  const { namespace = '' } = metadata;
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
  const fallback = spec.defaultBackend ? await backendText(spec.defaultBackend, namespace, context) : '<default>';
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writer.line(0, `Namespace:\t${namespace}`);
  writer.line(0, `Address:\t${[...new Set(addresses)].toSorted().join(',')}`);
  writer.line(0, `Ingress Class:\t${spec.ingressClassName ?? '<none>'}`);
  writer.line(0, `Default backend:\t${fallback}`);
  if (spec.tls?.length) writeTLS(writer, spec.tls);
  writer.line(0, 'Rules:\n  Host\tPath\tBackends');
  writer.line(0, '  ----\t----\t--------');
  const rules = (spec.rules ?? []).filter(({ http }) => http);
  for (const { host, http } of rules) {
    writer.line(1, `${host || '*'}\t`);
    for (const { path = '', backend } of http?.paths ?? []) {
      writer.line(2, `\t${path} \t${await backendText(backend, namespace, context)}`);
    }
  }
  if (rules.length === 0) writer.line(1, `*\t*\t${fallback}`);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
}

function writeTLS(writer: DescribeWriter, tls: readonly IngressTLS[]): void {
  writer.line(0, 'TLS:');
  for (const { secretName, hosts = [] } of tls) {
    writer.line(1, secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`);
  }
}

async function backendText(
  { service, resource }: IngressBackend,
  namespace: string,
  { read }: DescribeContext,
): Promise<string> {
  if (resource) return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`;
  if (!service) return '';
  const { name, port } = service;
  const text = `${name}:${port.name || (port.number ?? 0)}`;
  try {
    const { spec } = asKind<Service>(await read.get(Service, { namespace, name }));
    const found = (spec.ports ?? []).find((one) => (port.name ? one.name === port.name : one.port === port.number));
    return `${text} (${endpointsText(await slicesOf({ namespace, name }, read), found?.name ?? '')})`;
  } catch (error) {
    return `${text} (<error: ${messageOf(error)}>)`;
  }
}

/** An ingress class and where its settings are. */
export async function describeIngressClass(
  { metadata, spec }: IngressClass,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `Controller:\t${spec.controller ?? ''}`);
  if (!spec.parameters) return;
  const { apiGroup, kind, name } = spec.parameters;
  writer.line(0, 'Parameters:');
  if (apiGroup !== undefined) writer.line(1, `APIGroup:\t${apiGroup}`);
  writer.line(1, `Kind:\t${kind}`);
  writer.line(1, `Name:\t${name}`);
}
