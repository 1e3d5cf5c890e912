import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listen } from '../../apiserver/http/listener.ts';
import type { Listener } from '../../apiserver/http/listener.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { certificateRows, certificateTable } from './certificate-table.ts';
import { certificatesIn } from './authority-bundle.ts';
import { ensurePki, issue, pkiFiles, readPair } from './cluster-pki.ts';
import type { NeededCertificate } from './cluster-pki.ts';
import { FollowedFiles } from './followed-files.ts';
import { completeRotation, retireAuthority, rotateAuthority } from './rotate-authority.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-rotate-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Certificates know whole seconds. */
const now = Math.floor(Date.now() / 1000) * 1000;
const needed: readonly NeededCertificate[] = [
  { name: 'apiserver', request: { commonName: 'kube-apiserver', names: ['127.0.0.1'], usages: ['server'] } },
  { name: 'admin', request: { commonName: 'ann', organizations: ['system:masters'], usages: ['client'] } },
];
const bundle = (): string => readFileSync(pkiFiles(directory).ca.certificate, 'utf8');
const pairOf = (name: string) => readPair(pkiFiles(directory).client(name));

function serve(): Promise<Listener> {
  const { certificate: cert, key } = pairOf('apiserver');
  return listen(
    {
      handle: (exchange) => exchange.respond(exchange.certificate ? 200 : 401, {}, ''),
      handleUpgrade: () => undefined,
    },
    { host: '127.0.0.1', port: 0, tls: { cert, key, clientCa: bundle() } },
  );
}

/** Status of a request of a client that believes `ca`. */
async function ask({ port }: Listener, ca: string, client: ReturnType<typeof pairOf>): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca, cert: client.certificate, key: client.key });
  try {
    await once(socket, 'secureConnect');
    socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().slice(9, 12);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

test('while an authority is replaced, old and new clients and servers believe each other; afterwards only the new ones do', async () => {
  await ensurePki(directory, needed, now);
  const before = { ca: bundle(), admin: pairOf('admin') };
  await rotateAuthority(directory, now);
  expect(await ensurePki(directory, needed, now)).toBe(true);
  const during = { ca: bundle(), admin: pairOf('admin') };
  await using both = await serve();
  const answers = [before, during].flatMap(({ ca }) => [before, during].map(({ admin }) => ask(both, ca, admin)));
  expect(await Promise.all(answers)).toEqual(['200', '200', '200', '200']);

  retireAuthority(directory);
  expect(await ensurePki(directory, needed, now)).toBe(true);
  const after = { ca: bundle(), admin: pairOf('admin') };
  await using only = await serve();
  expect(await ask(only, after.ca, after.admin)).toBe('200');
  expect(await ask(only, after.ca, before.admin)).toBe('401');
  expect(await ask(only, before.ca, after.admin)).toMatch(
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/,
  );
});

test('an exchange of files that was killed half-way is completed', async () => {
  await ensurePki(directory, needed, now);
  const before = bundle();
  await rotateAuthority(directory, now);
  const [newest = ''] = certificatesIn(bundle());
  // As if only the key had been moved.
  const { ca } = pkiFiles(directory);
  mkdirSync(join(directory, '.exchange'));
  renameSync(ca.certificate, join(directory, '.exchange', 'ca.crt'));
  writeFileSync(ca.certificate, before);
  completeRotation(directory);
  expect(certificatesIn(bundle())).toEqual([newest, before]);
  expect(existsSync(join(directory, '.exchange'))).toBe(false);
  await ensurePki(directory, needed, now);
  expect(new X509Certificate(pairOf('admin').certificate).verify(new X509Certificate(newest).publicKey)).toBe(true);
});

test('nothing is retired unless it was replaced', async () => {
  await ensurePki(directory, needed, now);
  expect(() => retireAuthority(directory)).toThrow('the authority is not being replaced');
});

test('the table of certificates names the former authority, and what is due', async () => {
  await ensurePki(directory, needed, now);
  await rotateAuthority(directory, now);
  await ensurePki(directory, needed, now);
  const rows = certificateRows(directory, now + 300 * 86_400_000);
  expect(rows.map(({ name, state, daysLeft }) => `${name}: ${state}, ${daysLeft}`)).toEqual([
    'ca: valid, 3350',
    'ca (former): valid, 3350',
    'ca-cross: valid, 3350',
    'front-proxy-ca: valid, 3350',
    'admin: due for renewal, 65',
    'apiserver: due for renewal, 65',
  ]);
  expect(rows.find(({ name }) => name === 'admin')?.subject).toBe('O=system:masters, CN=ann');
  expect(certificateTable(rows)).toMatch(
    /^NAME +SUBJECT +SIGNED BY +EXPIRES +DAYS LEFT +STATE\nca +CN=kubets-ca-\d+ +itself /,
  );
});

test('renewed certificates come into use without a restart, also when the certificate is seen before its key', async () => {
  await ensurePki(directory, needed, now);
  const files = pkiFiles(directory).apiserver;
  const followed = new FollowedFiles({ cert: files.certificate, key: files.key });
  await using listener = await serve();
  const clock = new FakeClock(now);
  const stop = new AbortController();
  let tries = 0;
  const following = followed.follow(
    () => {
      tries++;
      const { cert, key } = followed.texts;
      listener.renew({ cert, key, clientCa: bundle() });
    },
    { clock, log: silentLogger, signal: stop.signal },
  );
  const shown = async (): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: listener.port, ca: bundle() });
    await once(socket, 'secureConnect');
    using _end = { [Symbol.dispose]: () => void socket.destroy() };
    return socket.getPeerX509Certificate()?.fingerprint ?? '';
  };
  const first = await shown();
  const key = readFileSync(files.key, 'utf8');
  await issue(directory, needed, now);
  const renewed = new X509Certificate(readFileSync(files.certificate)).fingerprint;
  expect(renewed).not.toBe(first);
  const newKey = readFileSync(files.key, 'utf8');
  writeFileSync(files.key, key);
  await clock.advance(5_000);
  expect(tries).toBe(1);
  expect(await shown()).toBe(first);
  writeFileSync(files.key, newKey);
  await clock.advance(5_000);
  expect(tries).toBe(2);
  expect(await shown()).toBe(renewed);
  stop.abort();
  await following;
});
