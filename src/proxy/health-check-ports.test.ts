import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { HealthCheckPorts } from './health-check-ports.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function eventually(port: number): Promise<Response> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (response !== undefined) return response;
    if (performance.now() > deadline) throw new Error('nobody listens');
    await systemClock.sleep(5);
  }
}

test('a health check node port tells how many endpoints this node has, until the Service is gone', async () => {
  const port = await freePort();
  await using ports = new HealthCheckPorts(silentLogger);
  const service = { namespace: 'default', name: 'web', port };
  ports.set('default/web', { ...service, localEndpoints: 2 });
  const healthy = await eventually(port);
  expect(healthy.status).toBe(200);
  expect(await healthy.json()).toEqual({
    service: { namespace: 'default', name: 'web' },
    localEndpoints: 2,
    serviceProxyHealthy: true,
  });
  ports.set('default/web', { ...service, localEndpoints: 0 });
  expect((await eventually(port)).status).toBe(503);
  ports.set('default/web', undefined);
  const deadline = performance.now() + 5_000;
  const listens = () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
  while (await listens()) expect(performance.now()).toBeLessThan(deadline);
});
