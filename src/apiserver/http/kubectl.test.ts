import { execFile } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { Pod } from '../../api/core/pod.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';

const { kubectl: kubectlPath } = unpackUpstreamClients();

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs kubectl against a server; `input` goes to its stdin. */
function kubectl(server: HttpsTestServer, kubeconfig = server.kubeconfig()) {
  return (command: string, input = ''): Promise<Outcome> =>
    new Promise((resolve) => {
      const environment = {
        env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, HOME: '/nonexistent' },
        timeout: 15_000,
      };
      const child = execFile(kubectlPath, command.split(' '), environment, (error, out, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, error: stderr });
      });
      child.stdin?.end(input);
    });
}

describe("upstream's kubectl", () => {
  test('creates, scales, labels and deletes', async () => {
    await using server = await httpsTestServer();
    const run = kubectl(server);
    expect((await run('create ns test')).out).toBe('namespace/test created\n');
    expect((await run('create deploy web --image=nginx --port=80 -n test')).out).toBe('deployment.apps/web created\n');
    expect((await run('get deploy -n test --no-headers')).out).toMatch(/^web +0\/1 +0 +0 +\d+s\n$/);
    expect((await run('scale --replicas=2 deployment/web -n test')).out).toBe('deployment.apps/web scaled\n');
    expect((await run('get deploy web -n test -o jsonpath={.spec.replicas}')).out).toBe('2');
    expect((await run('label deploy web a=b -n test')).out).toBe('deployment.apps/web labeled\n');
    expect((await run('set image deploy/web nginx=nginx:2 -n test')).out).toBe('deployment.apps/web image updated\n');
    expect((await run('delete deploy web -n test')).out).toContain('deployment.apps "web" deleted');
    const missing = await run('get deploy web -n test');
    expect([missing.code, missing.error]).toEqual([
      1,
      'Error from server (NotFound): deployments.apps "web" not found\n',
    ]);
  });

  test('applies, shows unknown fields, and removes what the next manifest lacks', async () => {
    await using server = await httpsTestServer();
    const run = kubectl(server);
    const manifest = (data: object, more: object = {}) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' }, data, ...more });
    expect((await run('apply -f -', manifest({ a: '1' }))).out).toBe('configmap/app created\n');
    expect((await run('apply -f -', manifest({ b: '2' }))).out).toBe('configmap/app configured\n');
    expect((await run('apply -f -', manifest({ b: '2' }))).out).toBe('configmap/app unchanged\n');
    expect((await run('get cm app -o jsonpath={.data}')).out).toBe('{"b":"2"}');
    expect((await run('apply -f -', manifest({ b: '2' }, { bogus: 1 }))).error).toContain(
      'strict decoding error: unknown field "bogus"',
    );
  });

  test('watches', async () => {
    await using server = await httpsTestServer();
    const run = kubectl(server);
    await run('create cm one');
    const watching = run('get cm --watch --request-timeout=3s --no-headers');
    await expect.poll(() => server.server.context.caches.all().some(({ watchers }) => watchers.size > 0)).toBe(true);
    await run('create cm two');
    expect((await watching).out).toMatch(/^one .*\n(.*\n)*two /);
  });

  test('explains, lists kinds, and shows raw documents', async () => {
    await using server = await httpsTestServer();
    const run = kubectl(server);
    expect((await run('explain deployment.spec.replicas')).out).toContain('FIELD: replicas <integer>');
    expect((await run('api-resources --no-headers')).out).toMatch(/^deployments +deploy +apps\/v1 +true +Deployment$/m);
    expect((await run('get --raw /readyz')).out).toBe('ok');
    expect((await run('version -o json')).out).toContain('v1.36.0+kubets');
  });

  test('is told in upstream words what it may not do', async () => {
    await using server = await httpsTestServer({
      parts: () => ({
        authorizer: {
          authorize: ({ user, resource }) => ({
            allowed: resource !== 'secrets' || user.groups.includes('system:masters'),
            reason: '',
          }),
        },
      }),
    });
    const eve = kubectl(server, server.kubeconfig(await server.authority.client('eve')));
    const refused = await eve('get secrets');
    expect([refused.code, refused.error]).toEqual([
      1,
      'Error from server (Forbidden): secrets is forbidden: User "eve" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    ]);
  });

  test('pages through long lists', async () => {
    await using server = await httpsTestServer();
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    for (let i = 0; i < 25; i++)
      await server.client.create(Pod, { metadata: { name: `p${i}`, namespace: 'default' }, spec });
    const { out } = await kubectl(server)('get pods -o name --chunk-size=10');
    expect(out.trim().split('\n')).toHaveLength(25);
  });
});
