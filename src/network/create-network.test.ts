import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Node } from '../api/core/node.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { MemoryClient } from '../client/test/memory-client.ts';
import { testNamespace } from '../host/test/test-namespace.ts';
import { createNetwork } from './create-network.ts';

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await systemClock.sleep(10);
  }
}

/** The network component of `node-1` in a namespace of its own, over a cluster in memory. */
async function testNetwork() {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'kubets-network-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const namespace = stack.use(await testNamespace('net'));
  await namespace.run(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1']);
  await namespace.run(['ip', '-batch', '-'], {
    input: 'address add 10.89.0.11/24 dev eth0\nlink set eth0 up\nlink set eth1 up\n',
  });
  const cluster = new MemoryClient();
  const abort = new AbortController();
  const running = createNetwork({
    client: cluster.asClient(),
    nodeName: 'node-1',
    nodeAddress: '10.89.0.11',
    clusterCIDR: '10.244.0.0/16',
    serviceCIDR: '10.96.0.0/16',
    cniConfDir: join(directory, 'cni'),
    cniDataDir: join(directory, 'data'),
    run: namespace.run,
    log: silentLogger,
  }).run(abort.signal);
  stack.defer(async () => {
    abort.abort();
    await running;
  });
  return { cluster, namespace, directory, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const peerAnnotations = {
  'flannel.alpha.coreos.com/backend-type': 'vxlan',
  'flannel.alpha.coreos.com/backend-data': '{"VNI":1,"VtepMAC":"EE:00:00:00:00:02"}',
  'flannel.alpha.coreos.com/public-ip': '10.89.0.12',
};

describe('the network component', { timeout: 30_000 }, () => {
  test('waits for the podCIDR, settles, tells the others where it is, and learns of them', async () => {
    await using net = await testNetwork();
    const { cluster, namespace } = net;
    cluster.put(Node, { metadata: { name: 'node-1' }, spec: {} });
    cluster.put(Node, { metadata: { name: 'node-1' }, spec: { podCIDR: '10.244.0.0/24' } });
    const annotations = () => cluster.find(Node, { name: 'node-1' })?.metadata.annotations ?? {};
    await until('annotated', async () => annotations()['flannel.alpha.coreos.com/public-ip'] === '10.89.0.11');
    expect(JSON.parse(annotations()['flannel.alpha.coreos.com/backend-data'] ?? '')).toMatchObject({
      VNI: 1,
      VtepMAC: expect.stringMatching(/^ee:/),
    });
    const config = JSON.parse(await readFile(join(net.directory, 'cni', '10-kubets.conflist'), 'utf8'));
    expect(config.plugins[0]).toMatchObject({
      type: 'bridge',
      bridge: 'cni0',
      mtu: 1450,
      ipam: { ranges: [[{ subnet: '10.244.0.0/24' }]] },
    });
    expect(await namespace.run(['ip', 'route'])).toContain('10.96.0.0/16 dev cni0 proto 107');

    const peer = { metadata: { name: 'node-2', annotations: peerAnnotations }, spec: { podCIDR: '10.244.1.0/24' } };
    cluster.put(Node, peer);
    await until('routed', async () =>
      (await namespace.run(['ip', 'route'])).includes('10.244.1.0/24 via 10.244.1.0 dev flannel.1'),
    );
    expect(await namespace.run(['bridge', 'fdb', 'show', 'dev', 'flannel.1'])).toContain(
      'ee:00:00:00:00:02 dst 10.89.0.12',
    );
    cluster.remove(Node, { name: 'node-2' });
    await until('forgotten', async () => !(await namespace.run(['ip', 'route'])).includes('10.244.1.0/24'));
  });
});
