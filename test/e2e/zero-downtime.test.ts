/** A rolling update and scaling lose no request; the pause-image trouble explains itself and heals. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubetsImageName } from '../../src/distro/images/kubets-image.ts';
import { eventually, succeed } from './run.ts';
import { testMachine } from './test-machine.ts';
import type { TestMachine } from './test-machine.ts';
import { loadTestImages, secondWebImage, webImage } from './test-images.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await testMachine();
  await machine.up('--nodes', '2');
  await loadTestImages(machine);
});
afterAll(async () => machine?.[Symbol.asyncDispose]());

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: {
        containers: [
          {
            name: 'web',
            image: webImage,
            ports: [{ containerPort: 80 }],
            readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
};

/** Sends a request on a fresh connection every 5 ms (200 a second) until told to stop; prints what became of them. */
const client = `
const http = require('node:http');
const counts = { sent: 0, ok: 0, failed: [] };
const send = () => {
  counts.sent++;
  const fail = (why) => counts.failed.push(new Date().toISOString() + ' ' + why);
  const request = http.get({ host: 'web', port: 80, path: '/', agent: false, timeout: 5000 }, (response) => {
    response.resume();
    response.on('end', () => (response.statusCode === 200 ? counts.ok++ : fail('status ' + response.statusCode)));
    response.on('error', (error) => fail(String(error)));
  });
  request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
  request.on('error', (error) => fail(String(error)));
};
const timer = setInterval(send, 5);
process.on('SIGUSR2', () => { clearInterval(timer); setTimeout(() => console.log('RESULT ' + JSON.stringify(counts)), 6000); });
setInterval(() => console.log('sent ' + counts.sent), 1000);
`;

const clientPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: {
    restartPolicy: 'Never',
    containers: [{ name: 'client', image: kubetsImageName, imagePullPolicy: 'Never', command: ['node', '-e', client] }],
  },
};

test('set image on four replicas and scaling to eight and back to two lose none of 5,000 requests', async () => {
  const { kubectl } = machine;
  await apply(web);
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await kubectl('expose', 'deployment/web', '--port=80');
  await apply(clientPod);
  await kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=30s');
  await untilSent(500);
  await kubectl('set', 'image', 'deployment/web', `web=${secondWebImage}`);
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
  await kubectl('scale', 'deployment/web', '--replicas=8');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await kubectl('scale', 'deployment/web', '--replicas=2');
  await eventually('two pods', async () => {
    const names = (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
    return names.length === 2;
  });
  await untilSent(5_000);
  await kubectl('exec', 'client', '--', 'node', '-e', "process.kill(1, 'SIGUSR2')");
  const result = await eventually('the result', async () => /RESULT (.*)/.exec(await kubectl('logs', 'client'))?.[1]);
  const counts = JSON.parse(result) as { sent: number; ok: number; failed: string[] };
  expect(counts.failed).toEqual([]);
  expect(counts.ok).toBe(counts.sent);
  expect(counts.sent).toBeGreaterThanOrEqual(5_000);
});

test('a pause image that can not be pulled is explained, and pods come up once the flag is right', async () => {
  const { kubectl } = machine;
  await machine.up('--nodes', '2', '--pod-infra-container-image=127.0.0.1:9/pause:3.0');
  await kubectl('create', 'deployment', 'stuck', `--image=${webImage}`);
  const pod = await eventually('the pod', async () => {
    const name = (await kubectl('get', 'pods', '-l', 'app=stuck', '-o', 'name')).trim();
    return name === '' ? undefined : name;
  });
  const events = await eventually('an event that explains', async () => {
    const text = await kubectl('get', 'events', '--field-selector', `involvedObject.name=${pod.replace('pod/', '')}`);
    return text.includes('127.0.0.1:9/pause:3.0') ? text : undefined;
  });
  const description = await kubectl('describe', pod);
  for (const text of [events, description]) {
    expect(text).toContain('127.0.0.1:9/pause:3.0');
    expect(text).toMatch(/127\.0\.0\.1:9\b.*(refused|did not answer)/);
    expect(text).toContain('--pod-infra-container-image');
  }
  expect(await kubectl('get', pod)).toMatch(/ContainerCreating|Init/);
  const log = await succeed(['sh', '-c', `cat ${machine.dataDir}/logs/kubelet*.INFO`]);
  expect(log).toContain('127.0.0.1:9/pause:3.0');
  await machine.up('--nodes', '2');
  await kubectl('wait', '--for=condition=Ready', pod, '--timeout=60s');
});

async function apply(manifest: unknown): Promise<void> {
  await succeed(machine.kubectlArgv('upstream', ['apply', '-f', '-']), { input: JSON.stringify(manifest) });
}

async function untilSent(count: number): Promise<void> {
  await eventually(
    `${count} requests sent`,
    async () => {
      const last = (await machine.kubectl('logs', 'client', '--tail=1')).trim();
      return Number(/sent (\d+)/.exec(last)?.[1] ?? 0) >= count;
    },
    { timeoutMs: 90_000, everyMs: 300 },
  );
}
