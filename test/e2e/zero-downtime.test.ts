/** A rolling update and scaling lose no request; the pause-image trouble explains itself and heals. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoad } from './loading-client.ts';
import { eventually, succeed } from './run.ts';
import { testMachine } from './test-machine.ts';
import type { TestMachine } from './test-machine.ts';
import { loadTestImages, secondWebImage, webImage } from './test-images.ts';
import { webDeployment } from './web-deployment.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await testMachine();
  await machine.up('--nodes', '2');
  await loadTestImages(machine);
});
afterAll(async () => machine?.[Symbol.asyncDispose]());

test('set image on four replicas and scaling to eight and back to two lose none of 5,000 requests', async () => {
  const { kubectl } = machine;
  await apply(webDeployment);
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await kubectl('expose', 'deployment/web', '--port=80');
  const load = await startLoad(machine, 5);
  await load.sent(500);
  await kubectl('set', 'image', 'deployment/web', `web=${secondWebImage}`);
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=120s');
  await kubectl('scale', 'deployment/web', '--replicas=8');
  await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  await kubectl('scale', 'deployment/web', '--replicas=2');
  await eventually('two pods', async () => {
    const names = (await kubectl('get', 'pods', '-l', 'app=web', '-o', 'name')).trim().split('\n');
    return names.length === 2;
  });
  await load.sent(5_000);
  const counts = await load.stop();
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
