import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { UsageError } from '../config/cluster-config.ts';
import { issue, readPair } from '../pki/cluster-pki.ts';
import { rotateAuthority } from '../pki/rotate-authority.ts';
import { ApiServerCertificates } from './api-server-certificates.ts';
import { apiServerFlags } from './api-server-flags.ts';
import { parseFlags } from './parse-flags.ts';
import { testPki } from './testing/test-pki.ts';

const flagsOf = (...args: readonly string[]) =>
  parseFlags({ component: 'kube-apiserver', flags: apiServerFlags, refused: {} }, [...args]).values;
const made = { certificate: 'made', key: 'made' };

test('files that change are used at once; what a flag does not name is not', async () => {
  using pki = await testPki(6443);
  const { files } = pki;
  const proxy = files.client('admin');
  const certificates = new ApiServerCertificates(
    flagsOf(
      `--client-ca-file=${files.ca.certificate}`,
      `--tls-cert-file=${files.apiserver.certificate}`,
      `--tls-private-key-file=${files.apiserver.key}`,
      `--kubelet-client-certificate=${files.apiserverKubeletClient.certificate}`,
      `--kubelet-client-key=${files.apiserverKubeletClient.key}`,
      `--proxy-client-cert-file=${proxy.certificate}`,
      `--proxy-client-key-file=${proxy.key}`,
    ),
  );
  const kubelet = certificates.kubelet();
  const client = certificates.proxyClient();
  expect(kubelet).toMatchObject({ rejectUnauthorized: false, ca: undefined });
  await rotateAuthority(pki.directory, systemClock.now());
  const request = { commonName: 'another', usages: ['client', 'server'] } as const;
  const names = ['apiserver', 'apiserver-kubelet-client', 'admin'];
  await issue(
    pki.directory,
    names.map((name) => ({ name, request })),
    systemClock.now(),
  );
  expect(certificates.files.look()).toBe(true);
  const pair = readPair(files.apiserver);
  const ca = readFileSync(files.ca.certificate, 'utf8');
  expect(certificates.serving(made)).toMatchObject({ cert: pair.certificate, key: pair.key, clientCa: [ca] });
  expect(kubelet.cert).toBe(readPair(files.apiserverKubeletClient).certificate);
  expect(client?.cert).toBe(readPair(proxy).certificate);
  expect(certificates.files.look()).toBe(false);
});

test('without flags a certificate of its own is shown, and nobody is known by one', () => {
  const certificates = new ApiServerCertificates(flagsOf());
  expect(certificates.serving(made)).toMatchObject({ cert: 'made', key: 'made', clientCa: [] });
  expect(certificates.proxyClient()).toBeUndefined();
});

test.each([
  ['--kubelet-client-key=/x', '--kubelet-client-certificate and --kubelet-client-key must be given together'],
  ['--proxy-client-cert-file=/x', '--proxy-client-cert-file and --proxy-client-key-file must be given together'],
  ['--client-ca-file=/nowhere/ca.crt', '--client-ca-file'],
])('%s is refused', (flag, message) => {
  expect(() => new ApiServerCertificates(flagsOf(flag))).toThrow(UsageError);
  expect(() => new ApiServerCertificates(flagsOf(flag))).toThrow(message);
});
