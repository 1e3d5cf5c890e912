import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { certificatesIn } from './authority-bundle.ts';
import { renewBeforeMs } from './cluster-pki.ts';

/** What is said about a certificate. */
export interface CertificateRow {
  readonly name: string;
  readonly file: string;
  readonly isAuthority: boolean;
  /** Common name, and organizations in front of it. */
  readonly subject: string;
  readonly issuer: string;
  /** Of a server: DNS names and addresses. */
  readonly names: readonly string[];
  /** ISO 8601. */
  readonly expires: string;
  /** Whole days until then; negative afterwards. */
  readonly daysLeft: number;
  readonly state: 'valid' | 'due for renewal' | 'expired';
}

const day = 86_400_000;

/** The certificates in a folder, authorities first. `now`: wall-clock milliseconds. */
export function certificateRows(directory: string, now: number): readonly CertificateRow[] {
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.crt'))
    .map((file) => file.slice(0, -'.crt'.length))
    .toSorted();
  const rows = files.flatMap((name) => rowsOf(join(directory, `${name}.crt`), name, now));
  return [...rows.filter(({ isAuthority }) => isAuthority), ...rows.filter(({ isAuthority }) => !isAuthority)];
}

function rowsOf(file: string, name: string, now: number): readonly CertificateRow[] {
  const certificates = certificatesIn(readFileSync(file, 'utf8')).map((text) => new X509Certificate(text));
  // What follows the certificate of a server is the chain behind it; what follows an authority is believed as well.
  const shown = certificates.filter(({ ca }, index) => index === 0 || (ca && certificates[0]?.ca === true));
  return shown.map((certificate, index) =>
    rowOf(certificate, { file, name: index === 0 ? name : `${name} (former)`, now }),
  );
}

function rowOf(
  certificate: X509Certificate,
  { file, name, now }: { file: string; name: string; now: number },
): CertificateRow {
  const ends = Date.parse(certificate.validTo);
  const left = ends - now;
  const state = left <= 0 ? 'expired' : left <= renewBeforeMs && !certificate.ca ? 'due for renewal' : 'valid';
  return {
    name,
    file,
    isAuthority: certificate.ca,
    subject: certificate.subject.replaceAll('\n', ', '),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    names: certificate.subjectAltName?.split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, '')) ?? [],
    expires: new Date(ends).toISOString(),
    daysLeft: Math.floor(left / day),
    state,
  };
}

/** The rows as a table for people. */
export function certificateTable(rows: readonly CertificateRow[]): string {
  const lines = [
    ['NAME', 'SUBJECT', 'SIGNED BY', 'EXPIRES', 'DAYS LEFT', 'STATE'],
    ...rows.map(({ name, subject, issuer, expires, daysLeft, state, isAuthority }) => [
      name,
      subject,
      isAuthority && subject === issuer ? 'itself' : issuer,
      expires.slice(0, 16).replace('T', ' '),
      String(daysLeft),
      state,
    ]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}
