import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { inNetworkNamespace, runCommand } from '../../host/run-command.ts';
import { systemClock } from '../../base/system-clock.ts';
import { containerdFixture, testImageCache } from '../containerd/containerd-fixture.ts';
import { loadImage } from '../images/node-images.ts';
import { buildBusyboxImage, busyboxImageName } from '../images/test-images.ts';
import { kubetsCommandLine, startComponentIn } from './testing/component-process.ts';
import type { ComponentProcess } from './testing/component-process.ts';
import { testPki } from './testing/test-pki.ts';

const ready = process.getuid?.() === 0 && existsSync('/usr/bin/containerd') && existsSync('/usr/sbin/nft');
const within = { timeout: 20_000, interval: 100 };
const serviceIP = '10.96.0.50';

const manifest = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: ${busyboxImageName}
          command: [sh, -c, "cat /etc/hostname > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
          readinessProbe: { httpGet: { port: 8080 }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: ${serviceIP}, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;

/** Five components in a network namespace of their own, as five processes. */
async function startCluster(network: string, cluster: { directory: string; socket: string; cgroup: string }) {
  const stack = new AsyncDisposableStack();
  const pki = stack.use(await testPki(6443));
  const { directory, files } = pki;
  stack.defer(() => unmountBelow(directory));
  const start = (...args: readonly string[]): ComponentProcess => stack.use(startComponentIn(network, ...args));
  const ca = `--client-ca-file=${files.ca.certificate}`;
  const apiserver = start(
    'kube-apiserver',
    '--store=memory:',
    '--advertise-address=10.87.0.1',
    ...pki.serverFlags,
    `--kubelet-client-certificate=${files.apiserverKubeletClient.certificate}`,
    `--kubelet-client-key=${files.apiserverKubeletClient.key}`,
  );
  const client = (user: string): readonly string[] => [`--kubeconfig=${pki.kubeconfig(user)}`, '--v=4'];
  const own = `--cert-dir=${directory}/made`;
  const scheduler = start('kube-scheduler', ...client('scheduler'), own);
  const manager = start('kube-controller-manager', ...client('controller-manager'), own);
  const configuration = join(directory, 'kubelet.yaml');
  writeFileSync(configuration, 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 20\n');
  const kubelet = start(
    'kubelet',
    ...client('kubelet'),
    ca,
    own,
    `--config=${configuration}`,
    '--hostname-override=node-1',
    '--node-ip=10.87.0.1',
    '--node-labels=tier=test',
    `--root-dir=${directory}/kubelet`,
    `--pod-logs-dir=${directory}/pod-logs`,
    `--container-runtime-endpoint=unix://${cluster.socket}`,
    `--cgroup-root=/${cluster.cgroup}`,
  );
  const proxy = start(
    'kube-proxy',
    ...client('kube-proxy'),
    '--hostname-override=node-1',
    '--cluster-cidr=10.86.0.0/24',
  );
  const processes = { apiserver, scheduler, manager, kubelet, proxy };
  return { pki, processes, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts.filter((mount) => mount.startsWith(directory)).reverse())
    await runCommand(['umount', path]);
}

test.runIf(ready)(
  'five components alone are a cluster: a pod runs, answers at its Service, and is deleted',
  { timeout: 120_000 },
  async () => {
    await using machine = await containerdFixture({ bridged: true });
    const network = machine.options.enter?.network ?? '';
    const run = inNetworkNamespace(network);
    for (const command of [
      'link add lan0 type bridge',
      'address add 10.87.0.1/24 dev lan0',
      'link set lan0 up',
      'route add default dev lan0',
    ])
      await run(['ip', ...command.split(' ')]);
    const { archive } = await buildBusyboxImage(testImageCache);
    await loadImage([machine.containerd], archive, { clock: systemClock });
    const { directory, cgroup, containerd } = machine;
    await using cluster = await startCluster(network, { directory, cgroup, socket: containerd.socket });
    const { pki, processes } = cluster;
    const kubectl = (...args: readonly string[]): Promise<string> =>
      run(kubetsCommandLine('kubectl', '--kubeconfig', pki.kubeconfig('admin'), ...args));
    const fetched = (url: string): Promise<string> =>
      run([process.execPath, '-e', `fetch('${url}').then((r) => r.text()).then((text) => process.stdout.write(text))`]);
    try {
      const file = join(pki.directory, 'web.yaml');
      writeFileSync(file, manifest);
      await vi.waitFor(
        async () => expect(await kubectl('get', 'nodes', '-l', 'tier=test')).toMatch(/node-1 +Ready/),
        within,
      );
      await kubectl('create', '-f', file);
      await kubectl('rollout', 'status', 'deploy/web', '--timeout=30s');
      await vi.waitFor(async () => {
        expect(await fetched(`http://${serviceIP}/`)).toMatch(/^web-/);
      }, within);
      expect(await fetched('http://127.0.0.1:10248/healthz')).toBe('ok');
      expect(await fetched('http://127.0.0.1:10256/livez')).toContain('lastUpdated');
      expect(await kubectl('get', 'node', 'node-1', '-o', 'jsonpath={.status.capacity.pods}')).toBe('20');
      await kubectl('delete', 'deploy', 'web');
      await vi.waitFor(async () => expect(await kubectl('get', 'pods', '-o', 'name')).toBe(''), within);
      const { apiserver, ...others } = processes;
      const codes = await Promise.all(Object.values(others).map((component) => component.stop()));
      expect([...codes, await apiserver.stop()]).toEqual([0, 0, 0, 0, 0]);
    } catch (error) {
      const said = Object.entries(processes).map(([name, { output }]) => `--- ${name}\n${output.slice(-3_000)}`);
      throw new Error(`${String(error)}\n${said.join('\n')}`, { cause: error });
    }
  },
);
