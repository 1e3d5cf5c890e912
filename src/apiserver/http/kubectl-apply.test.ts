import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';

const clients = unpackUpstreamClients();

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a client against a server; `input` goes to its stdin. */
function runner(path: string, server: HttpsTestServer) {
  const kubeconfig = server.kubeconfig();
  return (args: readonly string[], input = ''): Promise<Outcome> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, HOME: '/nonexistent' };
      const child = execFile(path, args, { env, timeout: 30_000 }, (error, out, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, error: stderr });
      });
      child.stdin?.end(input);
    });
}

const manifest = (data: object, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data, ...more });
const applyArgs = ['apply', '--server-side', '-f', '-'];
const shownFields = [
  'get',
  'cm',
  'app',
  '-o',
  'jsonpath={range .metadata.managedFields[*]}{.manager}/{.operation} {end}',
];

describe("upstream's kubectl apply --server-side", () => {
  test('creates, changes, and tells of conflicts', async () => {
    await using server = await httpsTestServer();
    const run = runner(clients.kubectl, server);
    expect((await run(applyArgs, manifest({ a: '1', b: '1' }))).out).toBe('configmap/app serverside-applied\n');
    expect((await run([...applyArgs, '--field-manager=other'], manifest({ c: '1' }))).code).toBe(0);
    const refused = await run([...applyArgs, '--field-manager=other'], manifest({ a: '2', b: '2', c: '1' }));
    expect(refused.code).toBe(1);
    expect(refused.error).toContain(
      'error: Apply failed with 2 conflicts: conflicts with "kubectl":\n- .data.a\n- .data.b\nPlease review the fields above',
    );
    const args = [...applyArgs, '--field-manager=other', '--force-conflicts'];
    expect((await run(args, manifest({ a: '2', c: '1' }))).out).toBe('configmap/app serverside-applied\n');
    expect((await run(applyArgs, manifest({}))).code).toBe(0);
    expect((await run(['get', 'cm', 'app', '-o', 'jsonpath={.data}'])).out).toBe('{"a":"2","c":"1"}');
  });

  test('takes over what client-side apply had made', async () => {
    await using server = await httpsTestServer();
    const run = runner(clients.kubectl, server);
    expect((await run(['apply', '-f', '-'], manifest({ a: '1', b: '1' }))).code).toBe(0);
    expect((await run(shownFields)).out).toBe('kubectl-client-side-apply/Update ');
    const migrated = await run(applyArgs, manifest({ a: '2' }));
    expect([migrated.code, migrated.out]).toEqual([0, 'configmap/app serverside-applied\n']);
    expect((await run(['get', 'cm', 'app', '-o', 'jsonpath={.data}'])).out).toBe('{"a":"2"}');
    expect((await run(shownFields)).out).toBe('kubectl/Apply kubectl-last-applied/Apply ');
    const last = await run(['apply', 'view-last-applied', 'cm/app', '-o', 'json']);
    expect(JSON.parse(last.out)).toMatchObject({ data: { a: '2' } });
    // And back again.
    expect((await run(['apply', '-f', '-'], manifest({ c: '3' }))).out).toBe('configmap/app configured\n');
    expect((await run(['get', 'cm', 'app', '-o', 'jsonpath={.data}'])).out).toBe('{"c":"3"}');
  });

  test('shows managed fields when asked to, refuses unknown fields, and stores nothing on a dry run', async () => {
    await using server = await httpsTestServer();
    const run = runner(clients.kubectl, server);
    expect((await run([...applyArgs, '--dry-run=server'], manifest({ a: '1' }))).out).toBe(
      'configmap/app serverside-applied (server dry run)\n',
    );
    expect((await run(['get', 'cm', 'app'])).code).toBe(1);
    await run(applyArgs, manifest({ a: '1' }));
    expect((await run(['get', 'cm', 'app', '-o', 'yaml'])).out).not.toContain('managedFields');
    const shown = await run(['get', 'cm', 'app', '-o', 'yaml', '--show-managed-fields']);
    expect(shown.out).toContain(
      '    fieldsType: FieldsV1\n    fieldsV1:\n      f:data:\n        f:a: {}\n    manager: kubectl\n    operation: Apply\n',
    );
    const refused = await run(applyArgs, manifest({}, { bogus: 1 }));
    expect(refused.error).toContain('.bogus: field not declared in schema');
  });

  test('names who writes otherwise', async () => {
    await using server = await httpsTestServer();
    const run = runner(clients.kubectl, server);
    await run(['create', 'deployment', 'web', '--image=nginx']);
    await run(['scale', 'deployment', 'web', '--replicas=3']);
    await run(['set', 'image', 'deployment/web', 'nginx=nginx:2']);
    const query = 'jsonpath={range .metadata.managedFields[*]}{.manager}/{.subresource} {end}';
    const { out } = await run(['get', 'deployment', 'web', '-o', query]);
    expect(out.trim().split(' ').sort()).toEqual(['kubectl-create/', 'kubectl-set/', 'kubectl/scale']);
  });
});

test('helm installs, upgrades and removes a release by server-side apply', async () => {
  await using server = await httpsTestServer();
  const [helm, kubectl] = [runner(clients.helm, server), runner(clients.kubectl, server)];
  const directory = await mkdtemp(join(tmpdir(), 'chart-'));
  try {
    await mkdir(join(directory, 'templates'));
    await writeFile(join(directory, 'Chart.yaml'), 'apiVersion: v2\nname: app\nversion: 1.0.0\n');
    await writeFile(join(directory, 'values.yaml'), 'value: one\n');
    const template = manifest({ value: 'VALUE' }).replace('VALUE', '{{ .Values.value }}');
    await writeFile(join(directory, 'templates', 'config.yaml'), template);
    const installed = await helm(['install', 'app', directory]);
    expect([installed.code, installed.error]).toEqual([0, '']);
    const upgraded = await helm(['upgrade', 'app', directory, '--set', 'value=two']);
    expect([upgraded.code, upgraded.error]).toEqual([0, '']);
    expect((await kubectl(['get', 'cm', 'app', '-o', 'jsonpath={.data.value}'])).out).toBe('two');
    expect((await kubectl(shownFields)).out).toMatch(/^helm\/(Apply|Update) $/);
    expect((await helm(['rollback', 'app', '1'])).code).toBe(0);
    expect((await kubectl(['get', 'cm', 'app', '-o', 'jsonpath={.data.value}'])).out).toBe('one');
    expect((await helm(['uninstall', 'app'])).code).toBe(0);
    expect((await kubectl(['get', 'cm', 'app'])).code).toBe(1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
