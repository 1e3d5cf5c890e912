import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../config/cluster-config.ts';
import { certificatesIn, signerOf } from './authority-bundle.ts';
import { pkiFiles, readPair, writeSecret } from './cluster-pki.ts';

/**
 * Gives the cluster another authority. From then on it signs everything, and the former one is still believed; the new one
 * is vouched for by the former, so that whoever knows only that one goes on as well. What the former has signed stays valid
 * until `retireAuthority`. All files change together, also if this process is killed.
 */
export async function rotateAuthority(directory: string, now: number): Promise<void> {
  completeRotation(directory);
  const { ca } = pkiFiles(directory);
  const { createAuthority, crossSign } = await import('../../machinery/x509/certificate-authority.ts');
  const older = signerOf(readPair(ca));
  const newer = await createAuthority(`kubets-ca-${Math.floor(now / 1000)}`, now);
  const files = {
    'ca-cross.crt': await crossSign(older, newer),
    'ca.key': newer.key,
    'ca.crt': `${newer.certificate}${older.certificate}`,
  };
  exchangeFiles(directory, files);
}

/** Ends a rotation: only the newest authority is believed from then on. Throws UsageError when none is under way. */
export function retireAuthority(directory: string): void {
  completeRotation(directory);
  const { ca, crossSigned } = pkiFiles(directory);
  const [newest = ''] = certificatesIn(readFileSync(ca.certificate, 'utf8'));
  if (!existsSync(crossSigned))
    throw new UsageError('the authority is not being replaced: kubets certs rotate-ca begins that');
  writeSecret(ca.certificate, newest);
  rmSync(crossSigned);
}

/** Writes files of `directory` all together: what a killed process has begun, `completeRotation` ends. */
export function exchangeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  const begun = join(directory, '.exchange.new');
  rmSync(begun, { recursive: true, force: true });
  mkdirSync(begun, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(begun, name), text, { mode: 0o600, flush: true });
  renameSync(begun, exchangeOf(directory));
  completeRotation(directory);
}

/** Ends the exchange of files that a killed process has left half done, if there is one. */
export function completeRotation(directory: string): void {
  const staged = exchangeOf(directory);
  if (!existsSync(staged)) return;
  for (const name of readdirSync(staged)) renameSync(join(staged, name), join(directory, name));
  rmSync(staged, { recursive: true });
}

function exchangeOf(directory: string): string {
  return join(directory, '.exchange');
}
