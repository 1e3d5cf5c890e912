import { request } from 'node:https';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Deployment } from '../../api/apps/deployment.ts';
import { ReplicaSet } from '../../api/apps/replica-set.ts';
import { Lease } from '../../api/coordination/lease.ts';
import { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { freePort, startComponent } from './testing/component-process.ts';
import type { ComponentProcess } from './testing/component-process.ts';
import { testPki } from './testing/test-pki.ts';
import type { TestPki } from './testing/test-pki.ts';

interface ControlPlane {
  readonly pki: TestPki;
  readonly client: HttpClient;
  readonly schedulerPort: number;
  readonly managerPort: number;
  readonly processes: Readonly<Record<'apiserver' | 'scheduler' | 'manager', ComponentProcess>>;
}

const within = { timeout: 15_000, interval: 50 };
let plane: ControlPlane;
const cleanup = new AsyncDisposableStack();

function apiServerFlags({ directory, serverFlags }: TestPki): readonly string[] {
  return [`--store=sqlite://${directory}/store/kubets.db`, '--bind-address=127.0.0.1', ...serverFlags];
}

beforeAll(async () => {
  const [port, schedulerPort, managerPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const pki = cleanup.use(await testPki(port));
  const apiserver = cleanup.use(startComponent('kube-apiserver', ...apiServerFlags(pki)));
  const common = [
    '--bind-address=127.0.0.1',
    `--client-ca-file=${pki.files.ca.certificate}`,
    `--cert-dir=${pki.directory}`,
  ];
  const scheduler = cleanup.use(
    startComponent(
      'kube-scheduler',
      ...common,
      `--kubeconfig=${pki.kubeconfig('scheduler')}`,
      `--secure-port=${schedulerPort}`,
    ),
  );
  const manager = cleanup.use(
    startComponent(
      'kube-controller-manager',
      ...common,
      `--kubeconfig=${pki.kubeconfig('controller-manager')}`,
      `--secure-port=${managerPort}`,
      `--service-account-private-key-file=${pki.files.serviceAccountKey}`,
      '--allocate-node-cidrs',
      '--cluster-cidr=10.244.0.0/16',
    ),
  );
  const client = cleanup.use(createHttpClient(pki.admin));
  plane = { pki, client, schedulerPort, managerPort, processes: { apiserver, scheduler, manager } };
  await vi.waitFor(async () => expect(await client.text({ path: '/readyz' })).toBe('ok'), within);
}, 30_000);

afterAll(() => cleanup.disposeAsync());

/** The status and body that an HTTPS GET is answered with. */
function get(port: number, path: string, tls: { readonly cert?: string; readonly key?: string } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, rejectUnauthorized: false, ...tls };
    request(options, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => resolve(`${response.statusCode} ${body}`));
    })
      .on('error', reject)
      .end();
  });
}

test('the API server, the scheduler and the controller manager say that they are healthy', async () => {
  const { client, schedulerPort, managerPort } = plane;
  expect(await client.text({ path: '/healthz' })).toBe('ok');
  await vi.waitFor(async () => {
    expect(await get(schedulerPort, '/healthz')).toBe('200 ok');
    expect(await get(managerPort, '/healthz')).toBe('200 ok');
  }, within);
});

test('metrics are for those who may read them', async () => {
  const { pki, managerPort } = plane;
  await vi.waitFor(async () => expect(await get(managerPort, '/healthz')).toBe('200 ok'), within);
  expect(await get(managerPort, '/metrics')).toBe(
    '403 forbidden: User "system:anonymous" cannot get path "/metrics"\n',
  );
  const answer = await get(managerPort, '/metrics', pki.admin.certificate);
  expect(answer).toMatch(/^200 /);
  expect(answer).toContain('process_resident_memory_bytes');
});

test('a Deployment gets a ReplicaSet and pods, and the pods a node', async () => {
  const { client } = plane;
  await client.create(Node, { metadata: { name: 'node-1' } });
  const status = {
    capacity: { cpu: '4', memory: '8Gi', pods: '110' },
    allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ready' }],
  };
  await client.patch(Node, { name: 'node-1' }, { type: 'merge', body: { status } }, { subresource: 'status' });
  const labels = { app: 'web' };
  await client.create(Deployment, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  });
  await vi.waitFor(async () => {
    const { items: sets } = await client.list(ReplicaSet, { namespace: 'default' });
    expect(sets.map(({ spec }) => spec.replicas)).toEqual([2]);
    const { items: pods } = await client.list(Pod, { namespace: 'default' });
    expect(pods.map(({ spec }) => spec.nodeName)).toEqual(['node-1', 'node-1']);
  }, within);
  const node = await client.get(Node, { name: 'node-1' });
  expect(node.spec.podCIDR).toBe('10.244.0.0/24');
});

test('every namespace gets the authority of the API server', async () => {
  const { client, pki } = plane;
  await vi.waitFor(async () => {
    const map = await client.get(ConfigMap, { namespace: 'kube-public', name: 'kube-root-ca.crt' });
    expect(map.data?.['ca.crt']).toBe(pki.admin.ca);
  }, within);
});

test('the authority of the API server is the trust bundle of its signer', async () => {
  const { client, pki } = plane;
  const signerName = 'kubernetes.io/kube-apiserver-serving';
  await vi.waitFor(async () => {
    const { items } = await client.list(ClusterTrustBundle, { fieldSelector: `spec.signerName=${signerName}` });
    expect(items.map(({ spec }) => spec)).toEqual([{ signerName, trustBundle: pki.admin.ca }]);
  }, within);
});

test('the scheduler and the controller manager hold their leases', async () => {
  for (const name of ['kube-scheduler', 'kube-controller-manager']) {
    await vi.waitFor(async () => {
      const lease = await plane.client.get(Lease, { namespace: 'kube-system', name });
      expect(lease.spec.holderIdentity).toMatch(/_[0-9a-f-]{36}$/);
    }, within);
  }
});

test('a port in use is told in a sentence', async () => {
  const { pki, schedulerPort } = plane;
  await vi.waitFor(async () => expect(await get(schedulerPort, '/healthz')).toBe('200 ok'), within);
  await using second = startComponent(
    'kube-scheduler',
    `--kubeconfig=${pki.kubeconfig('scheduler')}`,
    `--cert-dir=${pki.directory}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${schedulerPort}`,
  );
  expect(await second.ended).toBe(2);
  expect(second.output).toContain(`port ${schedulerPort} of 127.0.0.1 is in use: choose another with --secure-port`);
});

test('SIGTERM ends each within seconds, and what was written is there after a restart', async () => {
  const { client, pki, processes } = plane;
  const began = performance.now();
  // The API server last: the others give their leases back.
  expect(await Promise.all([processes.scheduler.stop(), processes.manager.stop()])).toEqual([0, 0]);
  const lease = await client.get(Lease, { namespace: 'kube-system', name: 'kube-scheduler' });
  expect(lease.spec.holderIdentity ?? '').toBe('');
  expect(await processes.apiserver.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  await using again = startComponent('kube-apiserver', ...apiServerFlags(pki));
  await vi.waitFor(async () => {
    const { items } = await client.list(Deployment, { namespace: 'default' });
    expect(items.map(({ metadata }) => metadata.name)).toEqual(['web']);
  }, within);
  expect(await again.stop()).toBe(0);
});
