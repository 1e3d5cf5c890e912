import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildImage, type ImageBuild } from './build-image.ts';
import type { ImageContent } from './layer-contents.ts';
import { readArchive } from './read-archive.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kubets-image-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('an archive names its image, and every blob is what its name says', async () => {
  const built = await build([{ content: 'hello', to: '/hello' }]);
  expect(built.name).toBe('docker.io/library/demo:latest');
  expect(await readArchive(built.archive)).toMatchObject([{ name: built.name, digest: built.digest, id: built.id }]);
  const members = execFileSync('tar', ['-tf', built.archive], { encoding: 'utf8' }).trim().split('\n');
  const blobs = members.filter((member) => member.startsWith('blobs/'));
  expect(blobs).toHaveLength(3);
  for (const blob of blobs) {
    const content = execFileSync('tar', ['-xOf', built.archive, blob]);
    expect(`blobs/sha256/${createHash('sha256').update(content).digest('hex')}`).toBe(blob);
  }
});

test('equal contents give an equal image, other contents another', async () => {
  const contents = [{ content: 'hello', to: '/hello' }];
  const [first, second] = [await build(contents), await build(contents)];
  expect(second).toEqual({ ...first, archive: second.archive });
  expect((await build([{ content: 'bye', to: '/hello' }])).digest).not.toBe(first.digest);
});

test('a folder arrives with its modes, links and long names, readable for tar', async () => {
  const root = join(folder, 'root');
  const long = `${'deep/'.repeat(30)}${'n'.repeat(90)}-ünïcode`;
  mkdirSync(join(root, long, '..'), { recursive: true });
  writeFileSync(join(root, long), 'far away');
  writeFileSync(join(root, 'tool'), '#!/bin/sh\n');
  chmodSync(join(root, 'tool'), 0o4755);
  linkSync(join(root, 'tool'), join(root, 'same-tool'));
  symlinkSync('../elsewhere', join(root, 'link'));
  const unpacked = await unpack([{ from: root, to: '/opt/app' }]);
  const list = execFileSync('find', ['opt/app', '-printf', '%y %m %n %p %l\n'], { cwd: unpacked, encoding: 'utf8' });
  expect(list).toMatch(/^f 4755 2 opt\/app\/tool $/m);
  expect(list).toMatch(/^f 4755 2 opt\/app\/same-tool $/m);
  expect(list).toMatch(/^l 777 1 opt\/app\/link \.\.\/elsewhere$/m);
  expect(readFileSync(join(unpacked, 'opt/app', long), 'utf8')).toBe('far away');
});

test('of two contents with one path the first is kept, and parents are made once', async () => {
  const unpacked = await unpack([
    { content: 'first', to: '/etc/app/conf', mode: 0o600 },
    { content: 'second', to: '/etc/app/conf' },
    { directory: '/etc/app/more', mode: 0o1777 },
    { link: 'conf', to: '/etc/app/alias' },
  ]);
  expect(readFileSync(join(unpacked, 'etc/app/alias'), 'utf8')).toBe('first');
  const modes = execFileSync('stat', ['-c', '%a', 'etc', 'etc/app/conf', 'etc/app/more'], {
    cwd: unpacked,
    encoding: 'utf8',
  });
  expect(modes).toBe('755\n600\n1777\n');
});

test.each(['gzip', 'zstd'] as const)('a %s layer unpacks to what the config says it is', async (compression) => {
  const content = Buffer.alloc(3_000_000, 'abcdefg');
  const built = await build([{ content, to: '/big' }], { compression });
  const plain = await build([{ content, to: '/big' }]);
  expect(built.size).toBeLessThan(plain.size / 10);
  const [layer, plainLayer] = [layerOf(built.archive), layerOf(plain.archive)];
  expect(layer.mediaType).toBe(`application/vnd.oci.image.layer.v1.tar+${compression}`);
  expect(configOf(built.archive, built.id).rootfs.diff_ids).toEqual([plainLayer.digest]);
});

test('a failed build leaves no file', async () => {
  await expect(build([{ from: join(folder, 'absent'), to: '/' }])).rejects.toThrow(/absent/);
  await expect(build([{ content: '', to: '/../etc/passwd' }])).rejects.toThrow(/leads out of the image/);
  expect(readdirSync(folder).filter((name) => name.startsWith('image-'))).toEqual([]);
});

test('a file that is no archive is refused with what would be one', async () => {
  const file = join(folder, 'note.tar');
  execFileSync('tar', ['-cf', file, '-C', '/etc', 'hostname']);
  await expect(readArchive(file)).rejects.toThrow(/is not an image archive: it has neither an index\.json/);
  writeFileSync(file, 'x'.repeat(2048));
  await expect(readArchive(file)).rejects.toThrow(/not a tar archive/);
});

let images = 0;

function build(contents: readonly ImageContent[], more: Partial<ImageBuild> = {}) {
  const output = join(folder, `image-${++images}.tar`);
  return buildImage({ name: 'demo', architecture: 'amd64', config: { cmd: ['/hello'] }, contents, output, ...more });
}

async function unpack(contents: readonly ImageContent[]): Promise<string> {
  const { archive } = await build(contents);
  const target = join(folder, `unpacked-${images}`);
  mkdirSync(target);
  const layer = execFileSync('tar', ['-xOf', archive, `blobs/${layerOf(archive).digest.replace(':', '/')}`]);
  execFileSync('tar', ['-xpf', '-', '-C', target], { input: layer });
  return target;
}

function layerOf(archive: string): { digest: string; mediaType: string } {
  const index = JSON.parse(execFileSync('tar', ['-xOf', archive, 'index.json'], { encoding: 'utf8' }));
  return blob(archive, index.manifests[0].digest).layers[0];
}

function configOf(archive: string, id: string): { rootfs: { diff_ids: string[] } } {
  return blob(archive, id);
}

function blob(archive: string, digest: string) {
  return JSON.parse(execFileSync('tar', ['-xOf', archive, `blobs/${digest.replace(':', '/')}`], { encoding: 'utf8' }));
}
