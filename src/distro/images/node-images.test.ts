import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock as clock } from '../../base/system-clock.ts';
import { createCriClient } from '../../kubelet/cri/cri-client.ts';
import {
  containerdFixture,
  type ContainerdFixture,
  testImageCache,
  untilTrue,
} from '../containerd/containerd-fixture.ts';
import { startContainerd } from '../containerd/start-containerd.ts';
import { adoptImage } from './adopt-image.ts';
import { buildImage } from './build-image.ts';
import { fileSink } from './byte-sink.ts';
import { buildKubetsImage, kubetsImageName } from './kubets-image.ts';
import { listImages, loadImage, removeImage } from './node-images.ts';
import { architectureOf } from './pause.ts';
import { readArchive } from './read-archive.ts';
import { tarEnd, tarHeader } from './tar-format.ts';
import { TarWriter } from './tar-writer.ts';
import { buildWebImage } from './test-images.ts';

const architecture = architectureOf(process.arch);

test('the image of kubets itself runs its bundle with the arguments of the pod', { timeout: 60_000 }, async () => {
  await using node = await containerdFixture();
  const bundle = join(node.directory, 'bundle.mjs');
  writeFileSync(bundle, 'console.log(process.argv.slice(2).join(" "), process.version);\n');
  const cache = { directory: join(node.directory, 'cache') };
  const options = { node: process.execPath, bundle, architecture, cache };
  const built = await buildKubetsImage(options);
  expect(await buildKubetsImage(options)).toEqual(built);
  await loadImage([node.containerd], built.archive, { clock });
  const { id } = await node.run({ image: { image: kubetsImageName }, args: ['dns', '--port=53'] });
  const ended = async (): Promise<boolean> => (await node.client.containerStatus(id)).state === 'Exited';
  await untilTrue(ended, 'the container ends');
  const { logPath, exitCode } = await node.client.containerStatus(id);
  expect(readFileSync(logPath, 'utf8')).toContain(`stdout F dns --port=53 ${process.version}\n`);
  expect(exitCode).toBe(0);
});

test('the web image answers on port 80, and has bash, ip, ps and wget', { timeout: 60_000 }, async () => {
  const { archive, name } = await buildWebImage('1', testImageCache);
  await using node = await containerdFixture({ bridged: true });
  await loadImage([node.containerd], archive, { clock });
  const { id, sandbox } = await node.run({ image: { image: name } }, 'POD');
  const bash = async (script: string): Promise<string> => {
    const { stdout, stderr } = await node.client.execSync(id, { command: ['/bin/bash', '-c', script] });
    return Buffer.from(stdout).toString() + Buffer.from(stderr).toString();
  };
  await untilTrue(async () => (await bash('wget -qO- http://127.0.0.1/')).includes('kubets web 1'), 'nginx answers');
  const address = (await node.client.podSandboxStatus(sandbox)).network?.ip ?? 'none';
  expect(await bash('ip -4 addr show eth0')).toContain(address);
  expect(await bash('ps')).toContain('nginx: worker process');
  expect(await bash('ls / && id')).toContain('uid=0(root)');
  await node.client.stopContainer(id, 10);
  expect(await node.client.containerStatus(id)).toMatchObject({ exitCode: 0, reason: 'Completed' });
});

test('an image that is laid down survives a restart of containerd and its garbage collection', async () => {
  await using node = await containerdFixture();
  const archive = await demo(node, 'demo:1', 'hello');
  const [image] = await readArchive(archive);
  if (!image) throw new Error('the archive is empty');
  const { socket } = node.containerd;
  const adoption = { socket, snapshotter: 'overlayfs', archive, image: { ...image, name: 'docker.io/library/demo:1' } };
  await adoptImage({ ...adoption, now: clock.now() });
  collectGarbage(node);
  process.kill(node.containerd.record.pid, 'SIGKILL');
  const next = await startContainerd(node.options);
  expect(await tagsOf(next.socket)).toContain('docker.io/library/demo:1');
  const check = execFileSync('ctr', ['--address', socket, '-n', 'k8s.io', 'images', 'check'], { encoding: 'utf8' });
  expect(check).toMatch(/^docker\.io\/library\/demo:1 .* complete \(\d\/\d\) .* true$/m);
});

test('loading the same archive again changes nothing, another under the same name takes its place', async () => {
  await using node = await containerdFixture();
  const [first, second] = [await demo(node, 'demo:1', 'first'), await demo(node, 'demo:1', 'second')];
  expect(await loadImage([node.containerd], first, { clock })).toEqual(['docker.io/library/demo:1']);
  const before = await idOf(node, 'demo:1');
  await loadImage([node.containerd], first, { clock });
  expect(await idOf(node, 'demo:1')).toBe(before);
  await loadImage([node.containerd], second, { clock });
  expect(await idOf(node, 'demo:1')).toBe((await readArchive(second))[0]?.id);
});

test('removing one of two names keeps the image, removing the last removes its files', async () => {
  await using node = await containerdFixture();
  for (const name of ['demo:1', 'demo:2']) {
    await loadImage([node.containerd], await demo(node, name, 'same'), { clock });
  }
  const [layer] = (await readArchive(join(node.directory, 'demo-2-same.tar')))[0]?.parts?.layers ?? [];
  const blob = join(
    node.options.directory,
    'root/io.containerd.content.v1.content/blobs/sha256',
    layer?.digest.slice(7) ?? '',
  );
  expect(await removeImage([node.containerd], 'demo:1')).toBe(true);
  expect(await tagsOf(node.containerd.socket)).not.toContain('docker.io/library/demo:1');
  expect(await tagsOf(node.containerd.socket)).toContain('docker.io/library/demo:2');
  expect(existsSync(blob)).toBe(true);
  expect(await removeImage([node.containerd], 'demo:2')).toBe(true);
  expect(await tagsOf(node.containerd.socket)).not.toContain('docker.io/library/demo:2');
  collectGarbage(node);
  expect(existsSync(blob)).toBe(false);
  expect(await removeImage([node.containerd], 'demo:2')).toBe(false);
});

test('a compressed image goes through containerd itself', async () => {
  await using node = await containerdFixture();
  const output = join(node.directory, 'zip.tar');
  const contents = [{ content: 'x', to: '/x' }];
  await buildImage({ name: 'zip', architecture, config: {}, contents, output, compression: 'gzip' });
  expect(await loadImage([node.containerd], output, { clock })).toEqual(['docker.io/library/zip:latest']);
  expect(await tagsOf(node.containerd.socket)).toContain('docker.io/library/zip:latest');
  expect(readdirSync(node.directory)).toContain('zip.tar');
});

test('an archive of docker save is loaded under its name', async () => {
  await using node = await containerdFixture();
  const archive = join(node.directory, 'saved.tar');
  await saveAsDocker(archive, 'saved:3');
  expect(await loadImage([node.containerd], archive, { clock })).toEqual(['docker.io/library/saved:3']);
  expect(await tagsOf(node.containerd.socket)).toContain('docker.io/library/saved:3');
});

/** Writes what `docker save` of before version 25 wrote. */
async function saveAsDocker(archive: string, name: string): Promise<void> {
  await using file = await open(archive, 'w');
  const layer = Buffer.concat([tarHeader({ path: 'hello', type: 'file', mode: 0o644, size: 0 }), tarEnd]);
  const diffID = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const config = JSON.stringify({
    architecture,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [diffID] },
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  const tar = new TarWriter(fileSink(file, 0));
  await tar.addBytes({ path: 'abc/layer.tar', mode: 0o644 }, layer);
  await tar.addBytes({ path: configName, mode: 0o644 }, Buffer.from(config));
  const manifest = [{ Config: configName, RepoTags: [name], Layers: ['abc/layer.tar'] }];
  await tar.addBytes({ path: 'manifest.json', mode: 0o644 }, Buffer.from(JSON.stringify(manifest)));
  await tar.finish();
}

async function demo(node: ContainerdFixture, name: string, content: string): Promise<string> {
  const output = join(node.directory, `${name.replace(':', '-')}-${content}.tar`);
  await buildImage({ name, architecture, config: { cmd: ['/demo'] }, contents: [{ content, to: '/demo' }], output });
  return output;
}

async function idOf(node: ContainerdFixture, image: string): Promise<string | undefined> {
  using client = createCriClient(`unix://${node.containerd.socket}`);
  return (await client.imageStatus({ image }))?.image.id;
}

async function tagsOf(socket: string): Promise<readonly string[]> {
  return (await listImages({ socket })).flatMap(({ repoTags }) => repoTags);
}

/** containerd collects before a removal that asks for it returns. */
function collectGarbage(node: ContainerdFixture): void {
  const ctr = ['--address', node.containerd.socket, '-n', 'k8s.io'];
  execFileSync('ctr', [...ctr, 'leases', 'create', '--id', 'collect']);
  execFileSync('ctr', [...ctr, 'leases', 'delete', '--sync', 'collect']);
}
