/** The founding document's own session, as written, with both kubectls, on two nodes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, run, succeed } from './run.ts';
import { openTerminal } from './terminal.ts';
import { testMachine } from './test-machine.ts';
import type { Kubectl, TestMachine } from './test-machine.ts';
import { loadTestImages, secondWebImage, webImage } from './test-images.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await testMachine();
  await machine.up('--nodes', '2');
  await loadTestImages(machine);
});
afterAll(async () => machine?.[Symbol.asyncDispose]());

test('nothing of a new cluster deviates from what is safe', async () => {
  const { code, stdout } = await machine.kubets(['check', '--data-dir', machine.dataDir]);
  expect(stdout).toMatch(/^Nothing deviates: \d+ checks\.\n$/);
  expect(code).toBe(0);
});

describe.each<Kubectl>(['upstream', 'kubets'])('the session with the kubectl of %s', (which) => {
  const namespace = which === 'upstream' ? 'test' : 'test2';
  const kubectl = (...args: readonly string[]): Promise<string> => succeed(machine.kubectlArgv(which, args));

  test('creates a namespace and a deployment', async () => {
    expect(await kubectl('create', 'ns', namespace)).toBe(`namespace/${namespace} created\n`);
    expect(await kubectl('create', 'deploy', 'nginxdemo2', `--image=${webImage}`, '-n', namespace)).toBe(
      'deployment.apps/nginxdemo2 created\n',
    );
    await kubectl('rollout', 'status', 'deployment/nginxdemo2', '-n', namespace, '--timeout=60s');
  });

  test('shows the pods with their labels', async () => {
    const table = await kubectl('get', 'pods', '-L', 'app', '--show-labels', '-n', namespace);
    const [header = '', row = ''] = table.split('\n');
    expect(header.trim().split(/\s+/)).toEqual(['NAME', 'READY', 'STATUS', 'RESTARTS', 'AGE', 'APP', 'LABELS']);
    expect(row).toMatch(
      /^nginxdemo2-\w+-\w{5}\s+1\/1\s+Running\s+0\s+\d+s\s+nginxdemo2\s+app=nginxdemo2,pod-template-hash=\w+\s*$/,
    );
  });

  test('scales', async () => {
    expect(await kubectl('scale', '--replicas=2', 'deployment/nginxdemo2', '-n', namespace)).toBe(
      'deployment.apps/nginxdemo2 scaled\n',
    );
    await kubectl('rollout', 'status', 'deployment/nginxdemo2', '-n', namespace, '--timeout=60s');
    const names = await kubectl('get', 'pods', '-n', namespace, '-l', 'app=nginxdemo2', '-o', 'name');
    expect(names.trim().split('\n')).toHaveLength(2);
  });

  test('updates the image', async () => {
    const container = await kubectl(
      'get',
      'deploy',
      'nginxdemo2',
      '-n',
      namespace,
      '-o',
      'jsonpath={.spec.template.spec.containers[0].name}',
    );
    expect(
      await kubectl('set', 'image', 'deployment/nginxdemo2', `${container}=${secondWebImage}`, '-n', namespace),
    ).toBe('deployment.apps/nginxdemo2 image updated\n');
    const status = await kubectl('rollout', 'status', 'deployment/nginxdemo2', '-n', namespace, '--timeout=60s');
    expect(status).toContain('deployment "nginxdemo2" successfully rolled out\n');
    const images = await kubectl(
      'get',
      'pods',
      '-n',
      namespace,
      '-l',
      'app=nginxdemo2',
      '--field-selector',
      'status.phase=Running',
      '-o',
      'jsonpath={.items[*].spec.containers[0].image}',
    );
    expect(new Set(images.trim().split(' '))).toContain(secondWebImage);
  });

  test('gives a shell with a prompt, the size of the terminal and its exit code', async () => {
    const pod = await runningPod(kubectl, namespace);
    using terminal = openTerminal(
      machine.kubectlArgv(which, ['exec', '-it', pod.name, '-n', namespace, '--', '/bin/bash']),
    );
    await terminal.sees(/[#$] $/);
    // The runtime gives a terminal its size once the shell runs, so that a prompt may come before it.
    const hasSize = (size: RegExp): Promise<unknown> =>
      eventually(`the size ${size}`, async () => {
        terminal.type('stty size\r');
        return terminal.sees(size, 500);
      });
    await hasSize(/\n24 80\r\n/);
    terminal.resize(101, 33);
    await hasSize(/\n33 101\r\n/);
    terminal.type('exit 7\r');
    expect(await terminal.ended).toBe(7);
  });

  test('the container has an address inside the subnet of cni0, and its veth hangs on cni0', async () => {
    const pod = await runningPod(kubectl, namespace);
    const inside = await kubectl('exec', pod.name, '-n', namespace, '--', 'ip', '-4', '-o', 'addr', 'show', 'eth0');
    const [, address = ''] = /inet (\S+)\//.exec(inside) ?? [];
    const podCIDR = await kubectl('get', 'node', pod.node, '-o', 'jsonpath={.spec.podCIDR}');
    expect(address.split('.').slice(0, 3)).toEqual(podCIDR.split('.').slice(0, 3));
    const netns = await nodeNamespace(pod.node);
    const bridge = JSON.parse(await succeed(['ip', '-n', netns, '-j', '-4', 'addr', 'show', 'cni0'])) as {
      addr_info: { local: string }[];
    }[];
    expect(bridge[0]?.addr_info[0]?.local.split('.').slice(0, 3)).toEqual(address.split('.').slice(0, 3));
    const ports = JSON.parse(
      await succeed(['ip', '-n', netns, '-j', 'link', 'show', 'master', 'cni0', 'type', 'veth']),
    ) as unknown[];
    expect(ports.length).toBeGreaterThan(0);
  });
});

test('pods of both nodes reach each other and every Service, by address and by name', async () => {
  const kubectl = (...args: readonly string[]): Promise<string> => machine.kubectl('-n', 'test', ...args);
  await kubectl('scale', 'deployment/nginxdemo2', '--replicas=4');
  await kubectl('rollout', 'status', 'deployment/nginxdemo2', '--timeout=60s');
  await kubectl('expose', 'deployment/nginxdemo2', '--port=80');
  const pods = JSON.parse(await kubectl('get', 'pods', '-l', 'app=nginxdemo2', '-o', 'json')) as {
    items: {
      metadata: { name: string; deletionTimestamp?: string };
      spec: { nodeName: string };
      status: { podIP: string };
    }[];
  };
  const alive = pods.items.filter((pod) => !pod.metadata.deletionTimestamp);
  expect(new Set(alive.map((pod) => pod.spec.nodeName)).size).toBe(2);
  const service = (await kubectl('get', 'service', 'nginxdemo2', '-o', 'jsonpath={.spec.clusterIP}')).trim();
  const targets = [...alive.map((pod) => pod.status.podIP), service, 'nginxdemo2', 'nginxdemo2.test.svc.cluster.local'];
  for (const from of alive) {
    for (const target of targets) {
      const fetching = `exec 3<>/dev/tcp/${target}/80; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; timeout 5 cat <&3`;
      const body = await kubectl('exec', from.metadata.name, '--', 'bash', '-c', fetching);
      expect(body, `${from.metadata.name} to ${target}`).toContain('kubets');
    }
  }
});

async function runningPod(
  kubectl: (...args: readonly string[]) => Promise<string>,
  namespace: string,
): Promise<{ readonly name: string; readonly node: string }> {
  const list = JSON.parse(await kubectl('get', 'pods', '-n', namespace, '-l', 'app=nginxdemo2', '-o', 'json')) as {
    items: {
      metadata: { name: string; deletionTimestamp?: string };
      spec: { nodeName: string };
      status: { phase: string };
    }[];
  };
  const pod = list.items.find((item) => !item.metadata.deletionTimestamp && item.status.phase === 'Running');
  if (!pod) throw new Error('there is no running pod');
  return { name: pod.metadata.name, node: pod.spec.nodeName };
}

async function nodeNamespace(node: string): Promise<string> {
  const { stdout } = await run(['ip', 'netns', 'list']);
  const id = (JSON.parse(await succeed(['cat', `${machine.dataDir}/cluster.json`])) as { id: string }).id;
  const name = `kubets-${id}-${node}`;
  expect(stdout).toContain(name);
  return name;
}
