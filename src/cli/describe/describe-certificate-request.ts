import type { Pkcs10CertificateRequest } from '@peculiar/x509';
import { CertificateSigningRequest } from '../../api/certificates/certificate-signing-request.ts';
import { humanDuration } from '../../machinery/human-duration.ts';
import type { DescribeContext } from './describers.ts';
import type { DescribeWriter } from './describe-writer.ts';
import { longTime, writeAnnotations, writeLabels } from './meta-lines.ts';

/** The parts of a subject that have several values, in kubectl's order. */
const listed: readonly (readonly [string, string])[] = [
  ['Organization', 'O'],
  ['Organizational Unit', 'OU'],
  ['Country', 'C'],
  ['Locality', 'L'],
  ['Province', 'ST'],
  ['StreetAddress', '2.5.4.9'],
  ['PostalCode', '2.5.4.17'],
];
const alternativeNames = '2.5.29.17';
/** Kinds of alternative names. */
const alternatives: readonly (readonly [string, string])[] = [
  ['DNS Names', 'dns'],
  ['Email Addresses', 'email'],
  ['URIs', 'url'],
  ['IP Addresses', 'ip'],
];

/** A certificate request: who asks, of whom, and for which names. */
export async function describeCertificateRequest(
  request: CertificateSigningRequest,
  { writer, now }: DescribeContext,
): Promise<void> {
  const { metadata, spec } = request;
  const parsed = await parse(spec.request);
  const condition = CertificateSigningRequest.columns?.['Condition'];
  const state = typeof condition === 'function' ? condition(request, now) : '';
  writer.line(0, `Name:\t${metadata.name}`);
  writeLabels(writer, 'Labels', metadata.labels);
  writeAnnotations(writer, 'Annotations', metadata.annotations);
  writer.line(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`);
  writer.line(0, `Requesting User:\t${spec.username ?? ''}`);
  if (spec.signerName) writer.line(0, `Signer:\t${spec.signerName}`);
  if (spec.expirationSeconds !== undefined) {
    writer.line(0, `Requested Duration:\t${humanDuration(spec.expirationSeconds * 1000)}`);
  }
  writer.line(0, `Status:\t${state}`);
  writer.line(0, 'Subject:');
  const { subjectName } = parsed;
  writer.line(0, `\tCommon Name:\t${subjectName.getField('CN').at(-1) ?? ''}`);
  writer.line(0, `\tSerial Number:\t${subjectName.getField('2.5.4.5').at(-1) ?? ''}`);
  for (const [title, field] of listed) writeList(writer, title, subjectName.getField(field));
  await writeAlternatives(writer, parsed);
}

async function parse(request: string): Promise<Pkcs10CertificateRequest> {
  await import('reflect-metadata');
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
  return new Pkcs10CertificateRequest(Buffer.from(request, 'base64').toString());
}

async function writeAlternatives(writer: DescribeWriter, parsed: Pkcs10CertificateRequest): Promise<void> {
  const { SubjectAlternativeNameExtension } = await import('@peculiar/x509');
  const extension = parsed.getExtension(alternativeNames);
  const names = extension instanceof SubjectAlternativeNameExtension ? extension.names.items : [];
  if (names.length === 0) return;
  writer.line(0, 'Subject Alternative Names:');
  for (const [title, type] of alternatives) {
    writeList(
      writer,
      title,
      names.flatMap((name) => (name.type === type ? [name.value] : [])),
    );
  }
}

function writeList(writer: DescribeWriter, title: string, values: readonly string[]): void {
  if (values.length > 0) writer.line(0, `\t${title}:\t${values.join('\n\t\t')}`);
}
