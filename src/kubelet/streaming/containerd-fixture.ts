import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import { createCriClient } from '../cri/cri-client.ts';

const run = promisify(execFile);

/** A containerd of the test's own with one running busybox container in the host's network. */
export interface TestContainer extends AsyncDisposable {
  readonly runtime: ContainerRuntime;
  readonly podSandboxId: string;
  readonly containerId: string;
  /** Starts another container in the sandbox; resolves with its id. */
  start(name: string, options: { command: readonly string[]; stdin?: boolean; tty?: boolean }): Promise<string>;
}

const image = 'registry.local/busybox:test';

/** Starts containerd, imports an image with every busybox applet, and runs `sleep` in it. */
export async function startTestContainer(): Promise<TestContainer> {
  await using cleanup = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), 'kubets-streaming-'));
  cleanup.defer(() => rm(root, { recursive: true, force: true }));
  cleanup.defer(() => removeCgroups(basename(root)));
  const address = join(root, 'c.sock');
  await startContainerd(root, address, cleanup);
  await run('ctr', ['--address', address, '-n', 'k8s.io', 'images', 'import', await buildImage(root)]);
  const runtime = cleanup.use(createCriClient(`unix://${address}`));
  const hostNetwork = { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } as const;
  const security = { securityContext: { namespaceOptions: hostNetwork } };
  const sandboxConfig = {
    metadata: { name: 'pod', uid: root, namespace: 'test', attempt: 0 },
    logDirectory: join(root, 'logs'),
    linux: { cgroupParent: `/${basename(root)}`, ...security },
  };
  const podSandboxId = await runtime.runPodSandbox(sandboxConfig);
  cleanup.defer(async () => {
    await runtime.stopPodSandbox(podSandboxId);
    await runtime.removePodSandbox(podSandboxId);
  });
  const start: TestContainer['start'] = async (name, { command, stdin = false, tty = false }) => {
    const config = {
      metadata: { name, attempt: 0 },
      image: { image },
      command,
      stdin,
      tty,
      logPath: `${name}.log`,
      linux: security,
    };
    const id = await runtime.createContainer(podSandboxId, config, { sandboxConfig });
    await runtime.startContainer(id);
    return id;
  };
  const containerId = await start('main', { command: ['/bin/sleep', '1000000'] });
  const owned = cleanup.move();
  return {
    runtime,
    podSandboxId,
    containerId,
    start,
    [Symbol.asyncDispose]: () => Promise.resolve(owned.disposeAsync()),
  };
}

async function startContainerd(root: string, address: string, cleanup: AsyncDisposableStack): Promise<void> {
  await writeFile(join(root, 'config.toml'), configuration(root, address));
  const containerd = spawn('containerd', ['--config', join(root, 'config.toml'), '--log-level', 'error'], {
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => containerd.once('exit', () => resolve()));
  cleanup.defer(async () => {
    containerd.kill('SIGTERM');
    await exited;
  });
  let lastError: unknown;
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await run('ctr', ['--address', address, '--connect-timeout', '1s', 'version']);
      return;
    } catch (error) {
      lastError = error;
    }
  }
  throw new Error('containerd does not answer', { cause: lastError });
}

/** The pod's cgroup outlives it, under each controller (v1) or once (v2). */
async function removeCgroups(name: string): Promise<void> {
  const hierarchies = await readdir('/sys/fs/cgroup');
  for (const folder of ['', ...hierarchies]) await rmdir(join('/sys/fs/cgroup', folder, name)).catch(() => undefined);
}

function configuration(root: string, address: string): string {
  return `version = 2
root = "${root}/root"
state = "${root}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = "${address}"
[ttrpc]
  address = "${address}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
  path = "${root}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${image}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "${root}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "${root}/runc"
`;
}

/** Writes an OCI archive; returns its path. */
async function buildImage(root: string): Promise<string> {
  const bin = join(root, 'rootfs/bin');
  const blobs = join(root, 'image/blobs/sha256');
  for (const folder of [bin, blobs, join(root, 'rootfs/tmp'), join(root, 'rootfs/dev'), join(root, 'rootfs/proc')])
    await mkdir(folder, { recursive: true });
  await copyFile('/bin/busybox', join(bin, 'busybox'));
  const { stdout } = await run('/bin/busybox', ['--list']);
  for (const applet of stdout.trim().split('\n')) if (applet !== 'busybox') await symlink('busybox', join(bin, applet));
  const layerFile = join(root, 'layer.tar');
  await run('tar', ['-C', join(root, 'rootfs'), '-cf', layerFile, '.']);
  const store = async (
    content: Buffer | string,
    mediaType: string,
  ): Promise<{ mediaType: string; digest: string; size: number }> => {
    const bytes = Buffer.from(content);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(blobs, hash), bytes);
    return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
  };
  const layer = await store(await readFile(layerFile), 'application/vnd.oci.image.layer.v1.tar');
  const config = await store(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Env: ['PATH=/bin'], Entrypoint: ['/bin/sleep', '1000000'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = await store(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  const annotations = { 'io.containerd.image.name': image, 'org.opencontainers.image.ref.name': image };
  await writeFile(
    join(root, 'image/index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  await writeFile(join(root, 'image/oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const archive = join(root, 'image.tar');
  await run('tar', ['-C', join(root, 'image'), '-cf', archive, '.']);
  return archive;
}
