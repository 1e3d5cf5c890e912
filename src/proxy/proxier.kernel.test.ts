import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Service } from '../api/core/service.ts';
import { silentLogger } from '../base/logger.ts';
import { systemClock } from '../base/system-clock.ts';
import { runCommand } from '../host/run-command.ts';
import type { TestNamespace } from '../host/test/test-namespace.ts';
import { joinNamespaces, testNamespace } from '../host/test/test-namespace.ts';
import { removeProxyRules, tableExists } from './live-table.ts';
import { Proxier } from './proxier.ts';
import { ProxyMetrics } from './proxy-metrics.ts';
import { ProxyState } from './proxy-state.ts';
import { testService, testSlice } from './test/objects.ts';

/** A node with three pods on a bridge, each serving its name over HTTP, and a client outside the cluster. */
async function testNode() {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'kubets-proxy-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const node = stack.use(await testNamespace('node'));
  const outside = stack.use(await testNamespace('out'));
  await joinNamespaces(
    { namespace: outside, device: 'eth0', address: '172.30.0.1/24' },
    { namespace: node, device: 'eth0', address: '172.30.0.2/24' },
  );
  await node.run(['ip', 'route', 'add', 'default', 'via', '172.30.0.1']);
  await node.run(['ip', 'link', 'add', 'cni0', 'type', 'bridge']);
  await node.run(['ip', 'address', 'add', '10.1.0.1/24', 'dev', 'cni0']);
  await node.run(['ip', 'link', 'set', 'cni0', 'up']);
  for (const setting of ['ipv4/ip_forward', 'bridge/bridge-nf-call-iptables']) {
    await node.run(['tee', `/proc/sys/net/${setting}`], { input: '1' });
  }
  const pods: TestNamespace[] = [];
  for (const index of [2, 3, 4]) {
    const pod = stack.use(await testNamespace(`pod${index}`));
    pods.push(pod);
    await joinNamespaces(
      { namespace: pod, device: 'eth0', address: `10.1.0.${index}/24` },
      { namespace: node, device: `v${index}` },
    );
    await node.run(['ip', 'link', 'set', `v${index}`, 'master', 'cni0']);
    // As the CNI plug-in does: a pod that reaches itself leaves through the port it came in by.
    await node.run(['bridge', 'link', 'set', 'dev', `v${index}`, 'hairpin', 'on']);
    await pod.run(['ip', 'route', 'add', 'default', 'via', '10.1.0.1']);
    const root = join(directory, String(index));
    await runCommand(['mkdir', root]);
    await writeFile(join(root, 'id'), `10.1.0.${index}`);
    for (const port of ['8080', '8081']) pod.start(['busybox', 'httpd', '-f', '-p', port, '-h', root]);
  }
  return { node, outside, pods, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const get = async (from: TestNamespace, address: string): Promise<string> =>
  from.run(['timeout', '3', 'busybox', 'wget', '-q', '-O', '-', `http://${address}/id`]);

const answers = async (from: TestNamespace, address: string, count: number): Promise<string[]> => {
  const all = await Promise.all(Array.from({ length: count }, () => get(from, address)));
  return [...new Set(all)].sort();
};

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await systemClock.sleep(20);
  }
}

describe('a proxier in the kernel', { timeout: 60_000 }, () => {
  let net: Awaited<ReturnType<typeof testNode>>;
  beforeAll(async () => {
    net = await testNode();
    await Promise.all(
      net.pods.map((_, i) => until('pods serve', async () => (await get(net.node, `10.1.0.${i + 2}:8080`)) !== '')),
    );
  });
  afterAll(() => net[Symbol.asyncDispose]());

  /** Runs a proxier on the node; `settled` resolves once it has applied everything given to it so far. */
  function proxy(setup: (state: ProxyState) => void) {
    const abort = new AbortController();
    const state = new ProxyState();
    setup(state);
    let batches = 0;
    const proxier = new Proxier({
      family: 'ip',
      clusterCIDRs: ['10.1.0.0/16'],
      masqueradeAll: false,
      state,
      topology: { nodeName: 'node-1', zone: undefined },
      run: net.node.run,
      clock: systemClock,
      log: silentLogger,
      metrics: new ProxyMetrics(() => systemClock.now()),
      sliceVersion: () => '1',
      onApplied: () => void batches++,
    });
    proxier.setNodePortAddresses(['172.30.0.2']);
    const running = proxier.run(abort.signal);
    return {
      state,
      proxier,
      async settled() {
        const before = batches;
        proxier.notify();
        await until('applied', async () => batches > before && !state.hasChanges);
      },
      async [Symbol.asyncDispose]() {
        abort.abort();
        await running;
        await removeProxyRules(net.node.run, ['ip']);
        expect(await tableExists(net.node.run, 'ip')).toBe(false);
      },
    };
  }

  const withService =
    (service: Service, ...slices: Parameters<typeof testSlice>[]) =>
    (state: ProxyState): void => {
      state.setService('default/web', service);
      for (const slice of slices) state.setSlice(testSlice(...slice));
    };

  test('a ClusterIP reaches all ready endpoints from a pod, from the node, and from an endpoint itself', async () => {
    await using p = proxy(withService(testService(), [['10.1.0.2', '10.1.0.3']]));
    await p.settled();
    const [first, , third] = net.pods;
    for (const from of [third!, net.node, first!]) {
      expect(await answers(from, '10.96.0.10', 24)).toEqual(['10.1.0.2', '10.1.0.3']);
    }
  });

  test('endpoints on different ports are both reached', async () => {
    await using p = proxy(withService(testService(), [['10.1.0.2']], [['10.1.0.3'], { name: 'other', port: 8081 }]));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 24)).toEqual(['10.1.0.2', '10.1.0.3']);
  });

  test('a Service without endpoints refuses at once, and so does a port that it does not have', async () => {
    await using p = proxy(withService(testService()));
    await p.settled();
    const started = performance.now();
    await expect(get(net.pods[0]!, '10.96.0.10')).rejects.toThrow(/refused/);
    await expect(get(net.node, '10.96.0.10')).rejects.toThrow(/refused/);
    await expect(get(net.pods[0]!, '10.96.0.10:81')).rejects.toThrow(/refused/);
    expect(performance.now() - started).toBeLessThan(900);
  });

  test('a withdrawn endpoint gets no new connection once the transaction is through', async () => {
    await using p = proxy(withService(testService(), [['10.1.0.2', '10.1.0.3']]));
    await p.settled();
    p.state.setSlice(
      testSlice([
        '10.1.0.3',
        { addresses: ['10.1.0.2'], conditions: { ready: false, serving: true, terminating: true } },
      ]),
    );
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 40)).toEqual(['10.1.0.3']);
  });

  test('endpoints that terminate but serve are used only when none is ready', async () => {
    const terminating = { addresses: ['10.1.0.2'], conditions: { ready: false, serving: true, terminating: true } };
    await using p = proxy(withService(testService(), [[terminating]]));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 4)).toEqual(['10.1.0.2']);
    p.state.setSlice(testSlice([terminating, '10.1.0.3']));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 12)).toEqual(['10.1.0.3']);
  });

  test('a client with session affinity stays with its endpoint while endpoints come and go', async () => {
    await using p = proxy(withService(testService({ sessionAffinity: 'ClientIP' }), [['10.1.0.2', '10.1.0.3']]));
    await p.settled();
    const [mine] = await answers(net.pods[2]!, '10.96.0.10', 20);
    expect(await answers(net.pods[2]!, '10.96.0.10', 20)).toEqual([mine]);
    p.state.setSlice(testSlice(['10.1.0.2', '10.1.0.3', '10.1.0.4']));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 20)).toEqual([mine]);
    const other = mine === '10.1.0.2' ? '10.1.0.3' : '10.1.0.2';
    p.state.setSlice(testSlice([other]));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 5)).toEqual([other]);
  });

  test('a node port, an external address and a load balancer address lead to the Service from outside', async () => {
    const spec = {
      type: 'LoadBalancer',
      externalIPs: ['172.30.9.1'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30080 }],
    } as const;
    const service = testService(spec, 'web', { loadBalancer: { ingress: [{ ip: '172.30.9.2' }] } });
    await using p = proxy(withService(service, [['10.1.0.2', '10.1.0.3']]));
    await net.outside.run(['ip', 'route', 'replace', '172.30.9.0/24', 'via', '172.30.0.2']);
    await p.settled();
    for (const address of ['172.30.0.2:30080', '172.30.9.1', '172.30.9.2']) {
      expect(await answers(net.outside, address, 16)).toEqual(['10.1.0.2', '10.1.0.3']);
    }
    expect(await answers(net.node, '172.30.0.2:30080', 16)).toEqual(['10.1.0.2', '10.1.0.3']);
    p.state.setSlice(testSlice([]));
    await p.settled();
    await expect(get(net.outside, '172.30.0.2:30080')).rejects.toThrow(/refused/);
  });

  test('with externalTrafficPolicy Local, outside traffic stays on the node and pods still reach all', async () => {
    const spec = {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 30081 }],
    } as const;
    const elsewhere = { addresses: ['10.1.0.3'], conditions: { ready: true }, nodeName: 'node-2' };
    await using p = proxy(withService(testService(spec), [['10.1.0.2', elsewhere]]));
    await p.settled();
    expect(await answers(net.outside, '172.30.0.2:30081', 16)).toEqual(['10.1.0.2']);
    expect(await answers(net.pods[2]!, '172.30.0.2:30081', 16)).toEqual(['10.1.0.2', '10.1.0.3']);
    p.state.setSlice(testSlice([elsewhere]));
    await p.settled();
    await expect(
      net.outside.run(['timeout', '0.5', 'busybox', 'wget', '-q', '-O', '-', 'http://172.30.0.2:30081/id']),
    ).rejects.toThrow(/exit code 124/);
    expect(await answers(net.pods[2]!, '172.30.0.2:30081', 4)).toEqual(['10.1.0.3']);
  });

  test('with internalTrafficPolicy Local, a ClusterIP stays on the node', async () => {
    const elsewhere = { addresses: ['10.1.0.3'], conditions: { ready: true }, nodeName: 'node-2' };
    await using p = proxy(withService(testService({ internalTrafficPolicy: 'Local' }), [['10.1.0.2', elsewhere]]));
    await p.settled();
    expect(await answers(net.pods[2]!, '10.96.0.10', 16)).toEqual(['10.1.0.2']);
  });

  test('loadBalancerSourceRanges keep others out', async () => {
    const status = { loadBalancer: { ingress: [{ ip: '172.30.9.2' }] } };
    const allowed = testService(
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['172.30.0.0/24', '172.30.0.0/16'] },
      'web',
      status,
    );
    await net.outside.run(['ip', 'route', 'replace', '172.30.9.0/24', 'via', '172.30.0.2']);
    await using p = proxy(withService(allowed, [['10.1.0.2']]));
    await p.settled();
    expect(await answers(net.outside, '172.30.9.2', 2)).toEqual(['10.1.0.2']);
    p.state.setService(
      'default/web',
      testService({ type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.0/24'] }, 'web', status),
    );
    await p.settled();
    await expect(
      net.outside.run(['timeout', '0.5', 'busybox', 'wget', '-q', '-O', '-', 'http://172.30.9.2/id']),
    ).rejects.toThrow(/exit code 124/);
  });

  test('a UDP flow to an endpoint that is gone is forgotten, so that its next packet finds another', async () => {
    const service = testService({ ports: [{ name: 'http', protocol: 'UDP', port: 53 }] });
    await using p = proxy(withService(service, [['10.1.0.2'], { protocol: 'UDP' }]));
    await p.settled();
    await net.pods[2]!.run(['bash', '-c', 'echo hello > /dev/udp/10.96.0.10/53']);
    const flows = (): Promise<string> => net.node.run(['conntrack', '-L', '-p', 'udp', '--orig-dst', '10.96.0.10']);
    expect(await flows()).toContain('src=10.1.0.2');
    p.state.setSlice(testSlice(['10.1.0.3'], { protocol: 'UDP' }));
    await p.settled();
    expect(await flows()).not.toContain('src=10.1.0.2');
  });

  test('two thousand Services are in place in seconds, and one change among them in a fraction of one', async () => {
    await using p = proxy((state) => {
      for (let i = 0; i < 2_000; i++) {
        const name = `s${i}`;
        state.setService(`default/${name}`, testService({ clusterIP: `10.97.${i >> 8}.${i & 255}` }, name));
        state.setSlice(testSlice(['10.1.0.2', '10.1.0.3', `10.1.${i >> 8}.${i & 255}`], { service: name }));
      }
    });
    const started = performance.now();
    await p.settled();
    const full = performance.now() - started;
    expect(await answers(net.pods[2]!, '10.97.0.4', 1)).toHaveLength(1);
    const changing = performance.now();
    p.state.setSlice(testSlice(['10.1.0.3'], { service: 's4' }));
    await p.settled();
    const one = performance.now() - changing;
    expect(await answers(net.pods[2]!, '10.97.0.4', 10)).toEqual(['10.1.0.3']);
    process.stdout.write(`2,000 Services: ${full.toFixed(0)} ms at once, ${one.toFixed(0)} ms for one change\n`);
    expect(full).toBeLessThan(5_000);
    expect(one).toBeLessThan(1_000);
  });

  test('a deleted Service leaves nothing, and a table that was deleted comes back', async () => {
    await using p = proxy(withService(testService(), [['10.1.0.2']]));
    await p.settled();
    p.state.setService('default/web', undefined);
    await p.settled();
    await expect(
      net.node.run(['timeout', '0.5', 'busybox', 'wget', '-q', '-O', '-', 'http://10.96.0.10/id']),
    ).rejects.toThrow();
    p.state.setService('default/web', testService());
    await p.settled();
    const listed = await net.node.run(['nft', 'list', 'table', 'ip', 'kube-proxy']);
    expect(listed.match(/chain service-[0-9A-F]{8}/g)).toHaveLength(1);
    await net.node.run(['nft', 'delete', 'table', 'ip', 'kube-proxy']);
    await p.proxier.verify(AbortSignal.timeout(5_000));
    await p.settled();
    expect(await get(net.pods[1]!, '10.96.0.10')).toBe('10.1.0.2');
  });
});
