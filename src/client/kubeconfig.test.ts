import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadKubeconfig } from './kubeconfig.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const config = `
apiVersion: v1
kind: Config
current-context: main
clusters:
- name: c
  cluster: { server: "https://127.0.0.1:1", certificate-authority-data: ${Buffer.from('CA').toString('base64')} }
users:
- name: u
  user: { client-certificate: cert.pem, client-key: key.pem }
- name: robot
  user: { token: secret }
contexts:
- name: main
  context: { cluster: c, user: u, namespace: team }
`;

test('the current context is resolved with inline data and files beside the kubeconfig', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'config'), config);
  await writeFile(join(dir, 'cert.pem'), 'CERT');
  await writeFile(join(dir, 'key.pem'), 'KEY');
  const resolved = await loadKubeconfig(join(dir, 'config'));
  expect(resolved).toMatchObject({ context: 'main', cluster: 'c', user: 'u', namespace: 'team' });
  expect(resolved.connection).toMatchObject({
    servers: ['https://127.0.0.1:1'],
    ca: 'CA',
    certificate: { cert: 'CERT', key: 'KEY' },
  });
});

test('overrides replace user and server', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'config'), config);
  const { connection } = await loadKubeconfig(join(dir, 'config'), { user: 'robot', server: 'https://other' });
  expect(connection).toMatchObject({ servers: ['https://other'], token: 'secret', certificate: undefined });
});

test('a context that is not there is named in the error', async () => {
  const dir = await folder();
  await writeFile(join(dir, 'config'), config);
  await expect(loadKubeconfig(join(dir, 'config'), { context: 'nope' })).rejects.toThrow(
    'context "nope" does not exist',
  );
});
