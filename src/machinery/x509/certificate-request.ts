import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { generateKeys, keyText, namesExtension, signingAlgorithm, subjectOf } from './certificate-authority.ts';

/** For whom a certificate is asked. */
export interface RequestedSubject {
  readonly commonName: string;
  readonly organizations?: readonly string[] | undefined;
  /** DNS names and IP addresses of a server. */
  readonly names?: readonly string[] | undefined;
}

/** What a request says that its key has signed. */
export interface ParsedRequest {
  /** Undefined where there is none, or more than one: then nobody can tell whose it is. */
  readonly commonName: string | undefined;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  /** In the usual text form. */
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** For the one who signs. */
  readonly raw: x509.Pkcs10CertificateRequest;
}

x509.cryptoProvider.set(webcrypto);

/** Makes a P-256 key and a request for it; both PEM. */
export async function createCertificateRequest(
  subject: RequestedSubject,
): Promise<{ readonly request: string; readonly key: string }> {
  const keys = await generateKeys();
  const { commonName, organizations = [], names = [] } = subject;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf(commonName, organizations),
    keys,
    signingAlgorithm,
    extensions: namesExtension(names),
  });
  return { request: `${request.toString('pem')}\n`, key: await keyText(keys) };
}

/** Reads a request, PEM, and checks that its own key has signed it. Throws an Error in upstream's words. */
export async function parseCertificateRequest(pem: string): Promise<ParsedRequest> {
  const type = /-----BEGIN ([^\n-]+)-----/.exec(pem)?.[1];
  if (type !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const raw = new x509.Pkcs10CertificateRequest(pem);
  if (!(await raw.verify())) throw new Error('x509: signature does not match its public key');
  const names = alternativeNames(raw);
  const of = (...types: readonly x509.GeneralNameType[]): readonly string[] =>
    names.filter((name) => types.includes(name.type)).map(({ value }) => value);
  const commonNames = raw.subjectName.getField('CN');
  return {
    commonName: commonNames.length === 1 ? commonNames[0] : undefined,
    organizations: raw.subjectName.getField('O'),
    dnsNames: of('dns'),
    ipAddresses: of('ip'),
    emailAddresses: of('email'),
    uris: of('url', 'guid', 'upn'),
    raw,
  };
}

/** The names that a request asks for besides its subject. */
export function alternativeNames(request: x509.Pkcs10CertificateRequest): readonly x509.GeneralName[] {
  const extension = request.extensions.find((found) => found instanceof x509.SubjectAlternativeNameExtension);
  return extension?.names.items ?? [];
}
