import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { Deployment } from '../../api/apps/deployment.ts';
import { Secret } from '../../api/core/secret.ts';
import { httpsTestServer } from '../../apiserver/testing/https-server.ts';

const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'values.yaml': 'replicas: 1\n',
  'templates/deployment.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app: web}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "i:1"}]}
`,
  'templates/service.yaml': `
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
};

test("upstream's helm installs, upgrades, rolls back and uninstalls a chart", async () => {
  await using server = await httpsTestServer();
  const directory = mkdtempSync(join(tmpdir(), 'kubets-helm-'));
  const environment = { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: server.kubeconfig() };
  const helm = (command: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { env: environment, timeout: 15_000 };
      execFile(unpackUpstreamClients().helm, command.split(' '), options, (error, out, stderr) =>
        error ? reject(new Error(`helm ${command}: ${stderr}`)) : resolve(out),
      );
    });
  const replicas = async () =>
    (await server.client.get(Deployment, { namespace: 'default', name: 'rel' })).spec.replicas;
  try {
    mkdirSync(join(directory, 'web/templates'), { recursive: true });
    for (const [name, text] of Object.entries(chart)) writeFileSync(join(directory, 'web', name), text);
    await helm(`install rel ${directory}/web`);
    expect(await replicas()).toBe(1);
    await helm(`upgrade rel ${directory}/web --set replicas=3`);
    expect(await replicas()).toBe(3);
    expect(await helm('list --no-headers')).toMatch(/^rel\s+default\s+2\s.*\sdeployed\s/);
    await helm('rollback rel 1');
    expect(await replicas()).toBe(1);
    await helm('uninstall rel');
    expect((await server.client.list(Deployment)).items).toEqual([]);
    expect((await server.client.list(Secret)).items).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
