/** Informers of client-go, the Go client that everything is written with: Prometheus' service discovery runs them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Endpoints } from '../../src/api/core/endpoints.ts';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { Service } from '../../src/api/core/service.ts';
import { EndpointSlice } from '../../src/api/discovery/endpoint-slice.ts';
import { Ingress } from '../../src/api/networking/ingress.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { clientGoVersions, promtool } from '../../tools/upstream-clients.ts';
import { eventually } from '../conformance/api-machinery/conformance.ts';
import { clientProgram } from './run-client.ts';
import type { ClientProgram } from './run-client.ts';

let cluster: HttpsCluster;

beforeAll(async () => {
  // Nothing but promtool watches this server.
  cluster = await httpsCluster({});
  const { client } = cluster;
  const addresses = [{ type: 'InternalIP', address: '192.0.2.1' }];
  const daemonEndpoints = { kubeletEndpoint: { Port: 10250 } };
  await client.create(Node, { metadata: { name: 'node-1' }, status: { addresses, daemonEndpoints } });
  const namespace = 'default';
  await createPod('web', '10.1.2.3');
  const labels = { 'kubernetes.io/service-name': 'web' };
  await client.create(Service, { metadata: { name: 'web', namespace }, spec: { ports: [{ port: 80 }] } });
  await client.create(Endpoints, {
    metadata: { name: 'web', namespace },
    subsets: [{ addresses: [{ ip: '10.1.2.4' }], ports: [{ port: 80 }] }],
  });
  await client.create(EndpointSlice, {
    metadata: { name: 'web', namespace, labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.5'] }],
    ports: [{ name: '', port: 80 }],
  });
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const paths = [{ path: '/shop', pathType: 'Prefix', backend }] as const;
  await client.create(Ingress, {
    metadata: { name: 'web', namespace },
    spec: { rules: [{ host: 'example.com', http: { paths } }] },
  });
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose]());

async function createPod(name: string, podIP: string): Promise<void> {
  const { client } = cluster;
  const spec = { nodeName: 'node-1', containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] };
  await client.create(Pod, { metadata: { name, namespace: 'default' }, spec });
  const body = { status: { phase: 'Running', podIP, podIPs: [{ ip: podIP }] } };
  await client.patch(Pod, { namespace: 'default', name }, { type: 'strategic', body }, { subresource: 'status' });
}

const roles = ['node', 'pod', 'service', 'endpoints', 'endpointslice', 'ingress'] as const;
const watchedKinds = [Node, Pod, Service, Endpoints, EndpointSlice, Ingress].map(({ kind }) => kind);

describe.each(clientGoVersions)('client-go %s', { timeout: 120_000 }, (version) => {
  test('informers find what there is and hear of what comes', async () => {
    const program = clientProgram(promtool(version), { cluster, home: version });
    const configuration = join(cluster.directory, `${version}.yaml`);
    const discovery = roles.map((role) => ({ role, kubeconfig_file: cluster.kubeconfig }));
    const job = { job_name: 'all', kubernetes_sd_configs: discovery };
    writeFileSync(configuration, JSON.stringify({ scrape_configs: [job] }));

    const found = await discover(program, configuration);
    const addresses = found.map(({ discoveredLabels }) => discoveredLabels['__address__']);
    expect(addresses).toEqual(expect.arrayContaining(['192.0.2.1:10250', '10.1.2.3:80', 'web.default.svc:80']));
    expect(addresses).toEqual(expect.arrayContaining(['10.1.2.4:80', '10.1.2.5:80', 'example.com', '10.1.2.9:80']));
    // Nodes are joined to the pods on them, out of another informer.
    const pod = found.find(({ discoveredLabels }) => discoveredLabels['__address__'] === '10.1.2.9:80');
    expect(pod?.discoveredLabels).toMatchObject({
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_node_name: 'node-1',
      __meta_kubernetes_pod_container_port_number: '80',
    });
  });
});

interface Target {
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

/** Runs promtool, which listens for so many seconds and then prints: longer where that was not enough. */
async function discover(program: ClientProgram, configuration: string): Promise<readonly Target[]> {
  let found: readonly Target[] = [];
  for (const seconds of [4, 15, 60]) {
    const latecomer = `late-${crypto.randomUUID()}`;
    await using running = program.start(`check service-discovery --timeout=${seconds}s ${configuration} all`);
    const listening = eventually(() => expect(watched()).toEqual(expect.arrayContaining(watchedKinds)), seconds);
    await listening.then(() => createPod(latecomer, '10.1.2.9')).catch(() => undefined);
    const { code, text } = await running.ended;
    expect(code, text).toBe(0);
    found = JSON.parse(text.slice(text.search(/^\[/m))) as readonly Target[];
    if (found.some(({ discoveredLabels }) => discoveredLabels['__meta_kubernetes_pod_name'] === latecomer))
      return found;
  }
  throw new Error(`promtool never heard of the pod that came while it listened: ${JSON.stringify(found)}`);
}

function watched(): readonly string[] {
  const caches = [...cluster.server.context.caches.all()];
  return caches.filter(({ watchers }) => watchers.size > 0).map(({ resource }) => resource.kind);
}
