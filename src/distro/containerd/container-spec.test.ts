import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock as clock } from '../../base/system-clock.ts';
import type { ContainerConfig, PodSandboxConfig } from '../../kubelet/cri/container-runtime.ts';
import { loadImage } from '../images/node-images.ts';
import { buildBusyboxImage, busyboxImageName } from '../images/test-images.ts';
import { containerdFixture, testImageCache } from './containerd-fixture.ts';

/** Proves the numbers of the fields: what is configured must arrive in what runc is told. */
test('everything a pod and a container are configured with arrives in the specification that runc gets', async () => {
  const { archive } = await buildBusyboxImage(testImageCache);
  await using node = await containerdFixture({ bridged: true });
  await loadImage([node.containerd], archive, { clock });
  const hostPath = join(node.directory, 'volume');
  mkdirSync(hostPath);
  const sandboxConfig = sandboxOf(node.directory, node.cgroup);
  const sandbox = await node.client.runPodSandbox(sandboxConfig);
  const config = containerOf(hostPath);
  const id = await node.client.createContainer(sandbox, config, { sandboxConfig });

  const { info, mounts } = await node.client.containerStatus(id, { verbose: true });
  const spec = JSON.parse(info['info'] ?? '').runtimeSpec;
  expect(spec.process).toMatchObject({
    args: ['/bin/sleep', '60'],
    cwd: '/srv',
    terminal: true,
    noNewPrivileges: true,
    user: { uid: 1000, gid: 2000 },
    oomScoreAdj: 500,
  });
  expect(spec.process.user.additionalGids).toEqual(expect.arrayContaining([3000, 4000]));
  expect(spec.process.env).toContain('GREETING=hello');
  expect(spec.process.capabilities.bounding).toEqual(['CAP_NET_ADMIN']);
  expect(spec.root.readonly).toBe(true);
  expect(spec.linux.maskedPaths).toEqual(['/proc/kcore']);
  expect(spec.linux.readonlyPaths).toEqual(['/proc/sys']);
  expect(spec.linux.seccomp.defaultAction).toBe('SCMP_ACT_ERRNO');
  expect(spec.linux.cgroupsPath).toBe(`/${node.cgroup}/${id}`);
  const { cpu, memory } = spec.linux.resources;
  expect(cpu).toMatchObject({ shares: 512, quota: 50_000, period: 100_000, cpus: '0' });
  expect(memory).toMatchObject({ limit: 64 * 1024 * 1024 });
  expect(spec.linux.devices).toContainEqual(expect.objectContaining({ path: '/dev/nothing', major: 1, minor: 3 }));
  const volume = spec.mounts.find((mount: { destination: string }) => mount.destination === '/volume');
  expect(volume).toMatchObject({ source: hostPath, options: expect.arrayContaining(['rbind', 'ro', 'rprivate']) });
  expect(mounts).toContainEqual(expect.objectContaining({ containerPath: '/volume', hostPath, readonly: true }));

  const { info: podInfo, labels, annotations } = await node.client.podSandboxStatus(sandbox, { verbose: true });
  const pod = JSON.parse(podInfo['info'] ?? '').runtimeSpec;
  expect(pod.hostname).toBe('web-0');
  expect(pod.linux.sysctl).toMatchObject({ 'net.ipv4.ip_unprivileged_port_start': '80' });
  expect(pod.process.user).toMatchObject({ uid: 1000 });
  expect([labels, annotations]).toEqual([sandboxConfig.labels, sandboxConfig.annotations]);
  await node.client.startContainer(id);
  const resolv = await node.client.execSync(id, { command: ['/bin/cat', '/etc/resolv.conf'] });
  expect(Buffer.from(resolv.stdout).toString()).toBe(
    'search default.svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  );
});

test('a privileged container of a pod that shares the namespaces of the node gets all capabilities', async () => {
  const { archive } = await buildBusyboxImage(testImageCache);
  await using node = await containerdFixture();
  await loadImage([node.containerd], archive, { clock });
  const namespaceOptions = { network: 'NODE', pid: 'NODE', ipc: 'NODE' } as const;
  const sandboxConfig: PodSandboxConfig = {
    metadata: { name: 'host', uid: 'host', namespace: 'test', attempt: 0 },
    linux: { cgroupParent: `/${node.cgroup}`, securityContext: { namespaceOptions, privileged: true } },
  };
  const sandbox = await node.client.runPodSandbox(sandboxConfig);
  const config: ContainerConfig = {
    metadata: { name: 'main', attempt: 0 },
    image: { image: busyboxImageName },
    linux: { securityContext: { namespaceOptions, privileged: true } },
  };
  const id = await node.client.createContainer(sandbox, config, { sandboxConfig });
  const { info } = await node.client.containerStatus(id, { verbose: true });
  const spec = JSON.parse(info['info'] ?? '').runtimeSpec;
  expect(spec.process.capabilities.bounding).toContain('CAP_SYS_ADMIN');
  // The container joins the namespaces of its sandbox, which has none of its own.
  const { info: podInfo } = await node.client.podSandboxStatus(sandbox, { verbose: true });
  const namespaces = JSON.parse(podInfo['info'] ?? '').runtimeSpec.linux.namespaces;
  expect(namespaces.map(({ type }: { type: string }) => type)).toEqual(['mount']);
});

function sandboxOf(directory: string, cgroup: string): PodSandboxConfig {
  return {
    metadata: { name: 'web-0', uid: 'uid', namespace: 'test', attempt: 0 },
    hostname: 'web-0',
    logDirectory: join(directory, 'logs'),
    dnsConfig: {
      servers: ['10.96.0.10'],
      searches: ['default.svc.cluster.local', 'cluster.local'],
      options: ['ndots:5'],
    },
    labels: { app: 'web' },
    annotations: { note: 'a' },
    linux: {
      cgroupParent: `/${cgroup}`,
      sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' },
      securityContext: {
        namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
        runAsUser: 1000,
        seccomp: { type: 'RuntimeDefault' },
      },
    },
  };
}

function containerOf(hostPath: string): ContainerConfig {
  return {
    metadata: { name: 'main', attempt: 0 },
    image: { image: busyboxImageName },
    command: ['/bin/sleep'],
    args: ['60'],
    workingDir: '/srv',
    envs: [{ key: 'GREETING', value: 'hello' }],
    mounts: [{ containerPath: '/volume', hostPath, readonly: true }],
    devices: [{ containerPath: '/dev/nothing', hostPath: '/dev/null', permissions: 'r' }],
    tty: true,
    logPath: 'main.log',
    linux: {
      resources: {
        cpuShares: 512,
        cpuQuota: 50_000,
        cpuPeriod: 100_000,
        cpusetCpus: '0',
        memoryLimit: 64 * 1024 * 1024,
        oomScoreAdj: 500,
      },
      securityContext: {
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
        runAsUser: 1000,
        runAsGroup: 2000,
        supplementalGroups: [3000, 4000],
        readonlyRootfs: true,
        noNewPrivs: true,
        maskedPaths: ['/proc/kcore'],
        readonlyPaths: ['/proc/sys'],
        seccomp: { type: 'RuntimeDefault' },
      },
    },
  };
}
