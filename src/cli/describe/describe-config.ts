import type { ConfigMap } from '../../api/core/config-map.ts';
import { LimitRange } from '../../api/core/limit-range.ts';
import type { Namespace } from '../../api/core/namespace.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';
import { asKind } from '../resource/kube-object.ts';
import { writeLimits, writeQuotas } from './describe-quota.ts';
import type { DescribeContext } from './describers.ts';
import { longTime, writeAnnotations, writeLabels } from './meta-lines.ts';

/** A config map and its data. */
export async function describeConfigMap(
  { metadata, data, binaryData }: ConfigMap,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, '\nData\n====');
  for (const key of Object.keys(data ?? {}).toSorted()) writer.line(0, `${key}:\n----\n${data?.[key]}\n`);
  writer.line(0, '\nBinaryData\n====');
  for (const key of Object.keys(binaryData ?? {}).toSorted()) {
    writer.line(0, `${key}: ${Buffer.from(binaryData?.[key] ?? '', 'base64').length} bytes`);
  }
  writer.line(0, '');
}

/** A secret: how long its values are, not what they are. */
export async function describeSecret({ metadata, type, data }: Secret, { writer }: DescribeContext): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `\nType:\t${type ?? ''}`);
  writer.line(0, '\nData\n====');
  for (const key of Object.keys(data ?? {}).toSorted()) {
    const value = Buffer.from(data?.[key] ?? '', 'base64');
    const shown = key === 'token' && type === 'kubernetes.io/service-account-token';
    writer.line(0, `${key}:\t${shown ? value.toString() : `${value.length} bytes`}`);
  }
}

/** A service account and its pull secrets. */
export async function describeServiceAccount(
  { metadata, imagePullSecrets = [] }: ServiceAccount,
  { writer }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writer.line(0, `Namespace:\t${metadata.namespace ?? ''}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  if (imagePullSecrets.length === 0) writer.line(0, 'Image pull secrets:\t<none>');
  imagePullSecrets.forEach(({ name = '' }, at) => {
    writer.line(0, `${at === 0 ? 'Image pull secrets:' : ' '.repeat(19)}\t${name}`);
  });
}

/** A namespace with its quotas and limits. */
export async function describeNamespace(
  { metadata, status }: Namespace,
  { writer, read }: DescribeContext,
): Promise<void> {
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `Status:\t${status?.phase ?? ''}`);
  if (status?.conditions?.length) {
    writer.line(0, 'Conditions:');
    writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
    writer.line(1, '----\t------\t------------------\t------\t-------');
    for (const one of status.conditions) {
      writer.line(
        1,
        `${one.type}\t${one.status}\t${longTime(one.lastTransitionTime)}\t${one.reason ?? ''}\t${one.message ?? ''}`,
      );
    }
  }
  const namespace = metadata.name;
  const [quotas, limits] = await Promise.all([
    read.list(ResourceQuota, { namespace }),
    read.list(LimitRange, { namespace }),
  ]);
  if (quotas) {
    writer.line(0, '');
    writeQuotas(writer, quotas.map(asKind<ResourceQuota>));
  }
  if (limits) {
    writer.line(0, '');
    writeLimits(writer, limits.map(asKind<LimitRange>));
  }
}
