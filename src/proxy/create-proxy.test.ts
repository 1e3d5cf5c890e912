import { describe, expect, test } from 'vitest';
import { Lease } from '../api/coordination/lease.ts';
import { Node } from '../api/core/node.ts';
import { Service } from '../api/core/service.ts';
import { EndpointSlice } from '../api/discovery/endpoint-slice.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { MemoryClient } from '../client/test/memory-client.ts';
import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';
import { createProxy } from './create-proxy.ts';
import { testService, testSlice } from './test/objects.ts';

async function until<T>(what: string, found: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const value = found();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await systemClock.sleep(5);
  }
}

/** A proxy whose programs are recorded rather than run. `refuse` makes nft fail. */
function testProxy(setup: (cluster: MemoryClient) => void = () => undefined) {
  const cluster = new MemoryClient();
  cluster.put(Node, {
    metadata: { name: 'node-1' },
    status: {
      addresses: [
        { type: 'Hostname', address: 'node-1' },
        { type: 'InternalIP', address: '172.30.0.2' },
      ],
    },
  });
  setup(cluster);
  const transactions: string[] = [];
  let refuse = false;
  let refused = 0;
  const run: RunCommand = async (argv, options) => {
    if (argv[0] !== 'nft') return argv[0] === 'cat' ? '1' : '';
    if (argv.includes('list')) return '{"nftables":[]}';
    if (refuse) refused++;
    if (refuse) throw new CommandError(argv, 1, 'Error: No such file or directory');
    transactions.push(options?.input ?? '');
    return '';
  };
  const abort = new AbortController();
  const running = createProxy({
    client: cluster.asClient(),
    nodeName: 'node-1',
    clusterCIDRs: ['10.1.0.0/16'],
    run,
    log: silentLogger,
    healthzBindAddress: '127.0.0.1:0',
    metricsBindAddress: '',
  }).run(abort.signal);
  const lease = () => cluster.find(Lease, { namespace: 'kube-node-lease', name: 'kube-proxy.node-1' });
  return {
    cluster,
    transactions,
    lease,
    applied: () => BigInt(lease()?.metadata.annotations?.['kubets.io/applied-endpoint-slices'] ?? 0),
    refused: () => refused,
    refuse: (value: boolean) => void (refuse = value),
    async [Symbol.asyncDispose]() {
      abort.abort();
      await running;
    },
  };
}

const web = (cluster: MemoryClient): void => {
  cluster.put(Service, testService());
  cluster.put(EndpointSlice, testSlice(['10.1.0.2', '10.1.0.3']));
};

describe('the proxy component', () => {
  test("begins with one transaction of everything, node ports at the node's address", async () => {
    await using proxy = testProxy(web);
    const first = await until('a transaction', () => proxy.transactions[0]);
    expect(first).toContain('{"delete":{"table":{"family":"ip","name":"kube-proxy"}}}');
    expect(first).toContain('10.1.0.2');
    await until('the node address', () => proxy.transactions.some((text) => text.includes('172.30.0.2')));
  });

  test('says in its Lease that an endpoint is withdrawn, once the kernel has taken it and not before', async () => {
    await using proxy = testProxy(web);
    await until('the first lease', () => proxy.applied() > 0n);
    expect(proxy.lease()?.spec).toMatchObject({ holderIdentity: 'node-1', leaseDurationSeconds: 40 });
    proxy.refuse(true);
    const going = { addresses: ['10.1.0.2'], conditions: { ready: false, serving: true, terminating: true } };
    const slice = proxy.cluster.put<EndpointSlice>(EndpointSlice, testSlice([going, '10.1.0.3']));
    const before = proxy.applied();
    await until('the kernel refuses', () => proxy.refused() >= 2);
    expect(proxy.applied()).toBe(before);
    proxy.refuse(false);
    await until('the lease', () => proxy.applied() >= BigInt(slice.metadata.resourceVersion));
    expect(proxy.transactions.at(-1)).toContain('{"delete":{"table"');
  });

  test('also tells of endpoints that no rule was for, since somebody waits for them all the same', async () => {
    await using proxy = testProxy((cluster) => {
      cluster.put(Service, testService({ clusterIP: 'None' }));
      cluster.put(EndpointSlice, testSlice([{ addresses: ['10.1.0.2'], conditions: { ready: false } }]));
    });
    await until('the first lease', () => proxy.applied() > 0n);
    const going = { addresses: ['10.1.0.2'], conditions: { ready: false, serving: false, terminating: true } };
    const slice = proxy.cluster.put<EndpointSlice>(EndpointSlice, testSlice([going]));
    await until('the lease', () => proxy.applied() >= BigInt(slice.metadata.resourceVersion));
  });

  test('leaves Services to another proxy that carry its label', async () => {
    await using proxy = testProxy((cluster) => {
      const service = testService({ clusterIP: '10.96.0.99' });
      const labels = { 'service.kubernetes.io/service-proxy-name': 'other' };
      cluster.put(Service, { ...service, metadata: { ...service.metadata, labels } } as Service);
    });
    expect(await until('a transaction', () => proxy.transactions[0])).not.toContain('10.96.0.99');
  });
});
