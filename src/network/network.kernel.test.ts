import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../base/system-clock.ts';
import type { Node } from '../api/core/node.ts';
import type { RunCommand } from '../host/run-command.ts';
import { inNetworkNamespace, runCommand } from '../host/run-command.ts';
import type { TestNamespace } from '../host/test/test-namespace.ts';
import { joinNamespaces, testNamespace } from '../host/test/test-namespace.ts';
import { checkKernel } from './check-kernel.ts';
import type { Backend } from './desired-network.ts';
import type { MachineNodes } from './machine-nodes.ts';
import { createNodeNetworks, namespacePath, removeNodeNetworks } from './machine-nodes.ts';
import { applyNodeNetwork, removeNodeNetwork } from './node-network.ts';

const clusterCIDR = '10.244.0.0/16';

/** Everything in a namespace that the network could leave behind. */
async function inventory(run: RunCommand): Promise<string> {
  const parts = await Promise.all([
    run(['ip', '-brief', 'link']),
    run(['ip', '-brief', '-4', 'address']),
    run(['ip', 'route']),
    run(['nft', 'list', 'ruleset']),
  ]);
  // Namespaces that a test made answer with a device's state and index; only its being there matters.
  return parts.join('\n').replace(/@\S+|\b(UP|DOWN|UNKNOWN|LOWERLAYERDOWN)\b.*|linkdown/g, '');
}

/** A machine in a namespace of its own, with an outside world behind it. */
async function testMachine(nodeCount: number) {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'kubets-network-'));
  stack.defer(() => rm(directory, { recursive: true }));
  const machine = stack.use(await testNamespace('machine'));
  const world = stack.use(await testNamespace('world'));
  await joinNamespaces(
    { namespace: world, device: 'eth0', address: '192.0.2.1/24' },
    { namespace: machine, device: 'eth0', address: '192.0.2.2/24' },
  );
  await machine.run(['ip', 'route', 'add', 'default', 'via', '192.0.2.1']);
  const suffix = machine.name.slice(-4);
  const nodes: MachineNodes = {
    id: suffix,
    nodeCIDR: '10.89.0.0/24',
    nodes: Array.from({ length: nodeCount }, (_, i) => ({
      netns: `kt-${suffix}-node-${i + 1}`,
      address: `10.89.0.${11 + i}`,
    })),
    routedCIDRs: [clusterCIDR],
    run: machine.run,
  };
  stack.defer(() => removeNodeNetworks(nodes));
  return { machine, world, nodes, directory, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Each node's own end of the network: what its agent does, over two rounds so that the nodes learn of each other. */
async function joinPods(net: Awaited<ReturnType<typeof testMachine>>, backend: Backend) {
  const agents = net.nodes.nodes.map((node, index) => ({
    nodeName: `node-${index + 1}`,
    nodeAddress: node.address,
    clusterCIDR,
    backend,
    cniConfDir: join(net.directory, `node-${index + 1}`, 'cni'),
    cniDataDir: join(net.directory, `node-${index + 1}`, 'cni-data'),
    run: inNetworkNamespace(namespacePath(node.netns), net.machine.run),
  }));
  const objects: Node[] = agents.map(({ nodeName }, index) => nodeObject(nodeName, `10.244.${index}.0/24`));
  const apply = (index: number) =>
    applyNodeNetwork(agents[index]!, { podCIDR: `10.244.${index}.0/24`, nodes: objects });
  for (const index of agents.keys()) {
    const { annotations } = await apply(index);
    objects[index] = { ...objects[index]!, metadata: { ...objects[index]!.metadata, annotations } };
  }
  for (const index of agents.keys()) await apply(index);
  return { agents, apply, objects };
}

function nodeObject(name: string, podCIDR: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { podCIDR },
    status: { daemonEndpoints: { kubeletEndpoint: {} } } as Node['status'],
  };
}

/** Runs the node's CNI configuration for a pod, as the container runtime would. Resolves with the pod's address. */
async function addPod(agent: { run: RunCommand; cniConfDir: string }, pod: TestNamespace): Promise<string> {
  const list = JSON.parse(await readFile(join(agent.cniConfDir, '10-kubets.conflist'), 'utf8'));
  const environment = [
    'CNI_COMMAND=ADD',
    `CNI_CONTAINERID=${pod.name}`,
    `CNI_NETNS=${pod.path}`,
    'CNI_IFNAME=eth0',
    'CNI_PATH=/usr/lib/cni',
  ];
  let prevResult: { ips: { address: string }[] } | undefined;
  for (const plugin of list.plugins) {
    const config = JSON.stringify({ cniVersion: list.cniVersion, name: list.name, ...plugin, prevResult });
    prevResult = JSON.parse(await agent.run(['env', ...environment, `/usr/lib/cni/${plugin.type}`], { input: config }));
  }
  return prevResult!.ips[0]!.address.split('/')[0]!;
}

const ping = (from: { run: RunCommand }, address: string, size = 56): Promise<string> =>
  from.run(['busybox', 'ping', '-c', '1', '-W', '3', '-s', String(size), address]);

async function until(what: string, holds: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const error = await holds().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) return;
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`, { cause: error });
    await systemClock.sleep(20);
  }
}

describe('networks in the kernel', { timeout: 60_000 }, () => {
  test('the kernel of this machine has what is needed, and a machine without programs is not the kernel to blame', async () => {
    expect(await checkKernel()).toEqual([]);
    const broken: RunCommand = (argv, options) =>
      argv.join(' ').includes('type vxlan') || argv[0] === 'modprobe'
        ? runCommand(['false'])
        : runCommand(argv, options);
    expect(await checkKernel(broken)).toEqual([expect.stringMatching(/no vxlan.*CONFIG_VXLAN/)]);
  });

  test.each(['vxlan', 'host-gw'] as const)(
    'with %s, pods of two nodes reach each other, the nodes, the machine and the world',
    async (backend) => {
      await using net = await testMachine(2);
      await createNodeNetworks(net.nodes);
      const { agents } = await joinPods(net, backend);
      await using a = await testNamespace('pod-a');
      await using b = await testNamespace('pod-b');
      await using c = await testNamespace('pod-c');
      const [addressA, addressB, addressC] = [
        await addPod(agents[0]!, a),
        await addPod(agents[1]!, b),
        await addPod(agents[0]!, c),
      ];
      expect([addressA, addressB, addressC]).toEqual(['10.244.0.2', '10.244.1.2', '10.244.0.3']);
      await until('the far pod answers', () => ping(a, addressB));
      await ping(b, addressA);
      await ping(a, addressC);
      await ping(a, addressB, 1372);
      for (const address of ['10.89.0.11', '10.89.0.12', '10.89.0.1', '192.0.2.2', '192.0.2.1']) await ping(a, address);
      await ping(net.machine, addressB);
      await ping({ run: agents[0]!.run }, addressB);
    },
  );

  test('the far pod sees the address of the pod that speaks, and the world that of the machine', async () => {
    await using net = await testMachine(2);
    await createNodeNetworks(net.nodes);
    const { agents } = await joinPods(net, 'vxlan');
    await using a = await testNamespace('pod-a');
    await using b = await testNamespace('pod-b');
    const [addressA, addressB] = [await addPod(agents[0]!, a), await addPod(agents[1]!, b)];
    for (const server of [b, net.world]) server.start(['busybox', 'httpd', '-f', '-p', '7000', '-h', '/proc/self/net']);
    // The listener's own view of the connection tells who connected.
    const seenBy = async (server: TestNamespace, address: string): Promise<string> => {
      const script = `exec 3<>/dev/tcp/${address}/7000; nsenter --net=${server.path} ss -tnH state all sport = :7000`;
      return a.run(['bash', '-c', script]);
    };
    await until('the far pod listens', async () =>
      expect(await seenBy(b, addressB)).toMatch(new RegExp(`${addressA}\\]?:`)),
    );
    await until('the world listens', async () =>
      expect(await seenBy(net.world, '192.0.2.1')).toMatch(/192\.0\.2\.2\]?:/),
    );
  });

  test('doing it twice changes nothing, and a node that was tampered with is put right', async () => {
    await using net = await testMachine(2);
    await createNodeNetworks(net.nodes);
    const { agents, apply } = await joinPods(net, 'vxlan');
    const before = await inventory(net.machine.run);
    await createNodeNetworks(net.nodes);
    expect(await inventory(net.machine.run)).toBe(before);
    expect((await apply(0)).changes).toEqual([]);
    const { run } = agents[0]!;
    await run(['ip', 'link', 'delete', 'flannel.1']);
    await run(['ip', 'address', 'flush', 'dev', 'cni0']);
    await run(['nft', 'flush', 'table', 'ip', 'kubets-network']);
    expect((await apply(0)).changes.length).toBeGreaterThan(4);
    expect((await apply(0)).changes).toEqual([]);
  });

  test('a peer that is gone leaves nothing in the kernel', async () => {
    await using net = await testMachine(2);
    await createNodeNetworks(net.nodes);
    const { agents, apply, objects } = await joinPods(net, 'vxlan');
    objects.pop();
    await apply(0);
    const { run } = agents[0]!;
    const left = [
      await run(['ip', 'route']),
      await run(['ip', 'neigh', 'show', 'dev', 'flannel.1']),
      await run(['bridge', 'fdb', 'show', 'dev', 'flannel.1']),
    ];
    expect(left.join('\n')).not.toMatch(/10\.244\.1\.|10\.89\.0\.12 self/);
  });

  test('removing leaves the node and the machine as they were, also after half of it was made', async () => {
    await using net = await testMachine(2);
    const before = await inventory(net.machine.run);
    await createNodeNetworks(net.nodes);
    const inside = inNetworkNamespace(namespacePath(net.nodes.nodes[0]!.netns), net.machine.run);
    const nodeBefore = await inventory(inside);
    const { agents } = await joinPods(net, 'vxlan');
    await removeNodeNetwork(agents[0]!);
    await removeNodeNetwork(agents[0]!);
    expect(await inventory(inside)).toBe(nodeBefore);
    expect(await readdir(agents[0]!.cniConfDir)).toEqual([]);
    await removeNodeNetworks(net.nodes);
    await removeNodeNetworks(net.nodes);
    expect(await inventory(net.machine.run)).toBe(before);
    await net.machine.run(['ip', 'netns', 'add', net.nodes.nodes[1]!.netns]);
    await removeNodeNetworks(net.nodes);
    expect(await runCommand(['ip', 'netns', 'list'])).not.toContain(`kt-${net.nodes.id}-node`);
  });

  test('a network that the machine itself uses is refused with what to do', async () => {
    await using net = await testMachine(1);
    await net.machine.run(['ip', 'address', 'add', '10.89.0.1/24', 'dev', 'eth0']);
    await expect(createNodeNetworks(net.nodes)).rejects.toThrow(
      /eth0 already has an address in 10\.89\.0\.0\/24: choose another/,
    );
  });

  test('a second cluster with the same pod network leaves the way to the first alone', async () => {
    await using net = await testMachine(1);
    await createNodeNetworks(net.nodes);
    const before = await net.machine.run(['ip', 'route', 'show', clusterCIDR]);
    expect(before).toContain('via 10.89.0.11');
    const id = `${net.nodes.id}b`;
    const nodes = [{ netns: `kt-${id}-node-1`, address: '10.88.0.11' }];
    const second = { ...net.nodes, id, nodeCIDR: '10.88.0.0/24', nodes };
    await createNodeNetworks(second);
    await removeNodeNetworks(second);
    expect(await net.machine.run(['ip', 'route', 'show', clusterCIDR])).toBe(before);
  });

  test('a firewall that drops what is forwarded lets pods through, and is left as it was', async () => {
    await using net = await testMachine(1);
    const { run } = net.machine;
    const rules =
      'table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; counter comment "theirs"; }; }';
    await run(['nft', '-f', '-'], { input: rules });
    const before = await run(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD']);
    await createNodeNetworks(net.nodes);
    await joinPods(net, 'vxlan');
    const inside = inNetworkNamespace(namespacePath(net.nodes.nodes[0]!.netns), run);
    await until('the world answers', () => ping({ run: inside }, '192.0.2.1'));
    await removeNodeNetworks(net.nodes);
    expect((await run(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD'])).replace(/packets \d+ bytes \d+/, '')).toBe(
      before.replace(/packets \d+ bytes \d+/, ''),
    );
  });
});
