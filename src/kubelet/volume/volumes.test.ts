import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { writeAtomically } from './atomic-writer.ts';
import { parseMountPoints } from './mounter.ts';
import type { Mounter } from './mounter.ts';
import { PodVolumes } from './pod-volumes.ts';
import { ServiceAccountTokens } from './service-account-tokens.ts';
import { bindSubPath } from './sub-path.ts';
import { volumePlugins } from './volume-plugins.ts';

let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'volumes-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const addresses = { podIPs: [], hostIPs: [], nodeName: 'node-1' };
const signal = new AbortController().signal;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function fakeMounter(mounted: string[]): Mounter {
  return {
    tmpfs: async (target, { sizeBytes }) => void mounted.push(`${target} ${sizeBytes ?? ''}`.trim()),
    bind: async (source, target) => void mounted.push(`${await readlink(source)} -> ${target}`),
    unmount: async () => undefined,
    mountsBelow: async () => [],
  };
}

function volumesWith(objects: { configMap?: object; secret?: object }, mounted: string[] = []): PodVolumes {
  return new PodVolumes({
    rootDirectory: folder,
    plugins: volumePlugins,
    services: {
      clock: new FakeClock(),
      mounter: fakeMounter(mounted),
      objects: { configMap: async () => objects.configMap as never, secret: async () => objects.secret as never },
      allocatable: () => ({ milliCpu: 4000, memory: 2 ** 30, ephemeralStorage: 0 }),
      token: async () => ({ token: 'tok', expiresAt: new FakeClock().now() + 3_600_000 }),
      trustAnchors: async ({ name }) => `roots of ${name}`,
      certificate: async ({ volume, source }) => ({ key: `key ${volume}`, chain: `chain ${source}`, refreshIn: 5_000 }),
    },
  });
}

function podWith(volume: object, spec: object = {}): PodObject {
  const containers = [{ name: 'c', image: 'i' }];
  return decodeObject(Pod, {
    metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { a: 'b' } },
    spec: { containers, volumes: [{ name: 'v', ...volume }], ...spec },
  }).object;
}

async function mount(volumes: PodVolumes, pod: PodObject): Promise<string> {
  return (await volumes.mountAll(pod, addresses, signal)).volumes.get('v')?.path ?? '';
}

describe('files that change together', () => {
  const files = (entries: Record<string, string>): Map<string, { data: string; mode: number }> =>
    new Map(Object.entries(entries).map(([path, data]) => [path, { data, mode: 0o640 }]));

  test('are swapped by one symlink, and only when they differ', async () => {
    expect(await writeAtomically({ folder, files: files({ a: '1', 'deep/b': '2' }), now: 0 })).toBe(true);
    const first = await readlink(join(folder, '..data'));
    expect(await readFile(join(folder, 'deep/b'), 'utf8')).toBe('2');
    expect(await readlink(join(folder, 'a'))).toBe('..data/a');
    expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o640);
    expect(await writeAtomically({ folder, files: files({ a: '1', 'deep/b': '2' }), now: 1 })).toBe(false);
    expect(await readlink(join(folder, '..data'))).toBe(first);
    expect(await writeAtomically({ folder, files: files({ a: '3' }), now: 2 })).toBe(true);
    expect((await readdir(folder)).filter((name) => !name.startsWith('..2') && !name.startsWith('..1'))).toEqual([
      '..data',
      'a',
    ]);
    expect((await readdir(folder)).length).toBe(3);
  });

  test('may not lie outside their volume', async () => {
    for (const path of ['../x', '/x', 'a/../../x', '..x']) {
      await expect(writeAtomically({ folder, files: files({ [path]: '' }), now: 0 })).rejects.toThrow('invalid path');
    }
  });
});

describe('volumes', () => {
  test('a config map shows all its keys, or the chosen ones with their own modes', async () => {
    const volumes = volumesWith({ configMap: { data: { a: '1', b: '2' }, binaryData: { c: base64('3') } } });
    const all = await mount(volumes, podWith({ configMap: { name: 'm' } }));
    expect((await readdir(all)).filter((name) => !name.startsWith('..'))).toEqual(['a', 'b', 'c']);
    const chosen = await mount(
      volumesWith({ configMap: { data: { a: '1' } } }),
      podWith({ configMap: { name: 'm', items: [{ key: 'a', path: 'x/y', mode: 0o600 }] } }),
    );
    expect((await stat(join(chosen, 'x/y'))).mode & 0o777).toBe(0o600);
  });

  test('a missing object fails the mount by name, unless it is optional', async () => {
    await expect(mount(volumesWith({}), podWith({ configMap: { name: 'm' } }))).rejects.toThrow(
      'MountVolume.SetUp failed for volume "v" : configmap "m" not found',
    );
    expect(
      await readdir(await mount(volumesWith({}), podWith({ secret: { secretName: 's', optional: true } }))),
    ).toContain('..data');
    const keyless = podWith({ configMap: { name: 'm', items: [{ key: 'no', path: 'p' }] } });
    await expect(mount(volumesWith({ configMap: { data: {} } }), keyless)).rejects.toThrow(
      'configmap references non-existent config key: no',
    );
  });

  test('secrets and memory volumes lie in memory; the latter no larger than their limit', async () => {
    const mounted: string[] = [];
    const path = await mount(
      volumesWith({ secret: { data: { k: base64('v') } } }, mounted),
      podWith({ secret: { secretName: 's', defaultMode: 0o400 } }),
    );
    expect(mounted).toEqual([path]);
    expect([await readFile(join(path, 'k'), 'utf8'), (await stat(join(path, 'k'))).mode & 0o777]).toEqual(['v', 0o400]);
    const memory: string[] = [];
    const empty = await mount(
      volumesWith({}, memory),
      podWith({ emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } }, { securityContext: {} }),
    );
    expect(memory).toEqual([`${empty} ${8 * 1024 * 1024}`]);
  });

  test('an emptyDir is open to all and belongs to the fsGroup', async () => {
    const path = await mount(volumesWith({}), podWith({ emptyDir: {} }, { securityContext: { fsGroup: 4321 } }));
    const { mode, gid } = await stat(path);
    expect([mode & 0o2777, gid]).toEqual([0o2777, 4321]);
  });

  test('a projected volume unites its sources, and asks to be renewed when four fifths of its token’s life are over', async () => {
    const sources = [
      { serviceAccountToken: { path: 'token' } },
      { configMap: { name: 'm' } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ];
    const pod = podWith({ projected: { sources } });
    const { volumes, refreshIn } = await volumesWith({ configMap: { data: { a: '1' } } }).mountAll(
      pod,
      addresses,
      signal,
    );
    const path = volumes.get('v')?.path ?? '';
    expect(await Promise.all(['token', 'a', 'labels'].map((name) => readFile(join(path, name), 'utf8')))).toEqual([
      'tok',
      '1',
      'a="b"',
    ]);
    expect(refreshIn).toBe(2_880_000);
  });

  test('a certificate is in one file behind its key, or each in its own, and none but the pod may read them', async () => {
    const of = { signerName: 'example.com/signer', keyType: 'ED25519' };
    const sources = [
      { podCertificate: { ...of, credentialBundlePath: 'bundle' } },
      { podCertificate: { ...of, keyPath: 'key', certificateChainPath: 'chain' } },
    ];
    const pod = podWith({ projected: { sources } }, { securityContext: { runAsUser: 1000 } });
    const { volumes, refreshIn } = await volumesWith({}).mountAll(pod, addresses, signal);
    const files = ['bundle', 'key', 'chain'].map((name) => join(volumes.get('v')?.path ?? '', name));
    expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual([
      'key vchain 0',
      'key v',
      'chain 1',
    ]);
    for (const file of files) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(refreshIn).toBe(5_000);
  });

  test('a hostPath is what its type says, or the mount fails', async () => {
    const volumes = volumesWith({});
    await expect(
      mount(volumes, podWith({ hostPath: { path: join(folder, 'no'), type: 'Directory' } })),
    ).rejects.toThrow(`hostPath type check failed: ${join(folder, 'no')} is not a directory`);
    const made = join(folder, 'made/deep');
    expect(await mount(volumes, podWith({ hostPath: { path: made, type: 'DirectoryOrCreate' } }))).toBe(made);
    expect((await stat(made)).isDirectory()).toBe(true);
    await expect(mount(volumes, podWith({ hostPath: { path: made, type: 'File' } }))).rejects.toThrow('is not a file');
  });

  test('a kind of volume that nobody knows is named', async () => {
    await expect(mount(volumesWith({}), podWith({ nfs: { server: 's', path: '/' } }))).rejects.toThrow(
      'volume "v" is of type nfs, which this kubelet does not support',
    );
  });

  test('nothing of a pod is left after its end', async () => {
    const volumes = volumesWith({});
    await mount(volumes, podWith({ emptyDir: {} }));
    expect(await volumes.list()).toEqual(['u']);
    await volumes.tearDown('u');
    expect(await volumes.list()).toEqual([]);
  });
});

describe('subPath', () => {
  const bind = async (subPath: string, mounted: string[] = []): Promise<string> =>
    bindSubPath({
      volumePath: join(folder, 'volume'),
      subPath,
      target: join(folder, 'target'),
      mounter: fakeMounter(mounted),
    });
  beforeEach(() => mkdir(join(folder, 'volume/inner'), { recursive: true }));

  test('binds the very place in the volume, and makes it if it is missing', async () => {
    const mounted: string[] = [];
    await bind('inner/new', mounted);
    expect(mounted).toEqual([`${join(folder, 'volume/inner/new')} -> ${join(folder, 'target')}`]);
    expect((await stat(join(folder, 'volume/inner/new'))).isDirectory()).toBe(true);
  });

  test('what it makes has the mode of the volume, whatever the umask', async () => {
    await chmod(join(folder, 'volume'), 0o2777);
    await bind('a/b');
    for (const made of ['volume/a', 'volume/a/b']) {
      expect(((await stat(join(folder, made))).mode & 0o7777).toString(8)).toBe('2777');
    }
  });

  test('binds a file onto a file', async () => {
    await writeFile(join(folder, 'volume/file'), 'x');
    await bind('file');
    expect((await lstat(join(folder, 'target'))).isFile()).toBe(true);
  });

  test('follows symlinks inside the volume but never out of it', async () => {
    await symlink('inner', join(folder, 'volume/good'));
    await symlink('/etc', join(folder, 'volume/evil'));
    await symlink('../..', join(folder, 'volume/inner/up'));
    const mounted: string[] = [];
    await bind('good', mounted);
    expect(mounted[0]).toContain(join(folder, 'volume/inner'));
    for (const escape of ['evil', 'evil/passwd', 'inner/up', 'inner/up/new', '../x', '/etc']) {
      await expect(bind(escape), escape).rejects.toThrow(/leads out of its volume|must be relative/);
    }
  });
});

test('a token is asked for once, again after four fifths of its life, and an old one serves while the API is away', async () => {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const tokens = new ServiceAccountTokens({ client: api, clock });
  const ask = async (): Promise<string> =>
    (await tokens.token({ pod: podWith({}), audience: 'a', expirationSeconds: 1000 }, signal)).token;
  const first = await ask();
  await clock.advance(799_000);
  expect(await ask()).toBe(first);
  await clock.advance(2_000);
  api.createSubresource = async () => Promise.reject(new Error('away'));
  expect(await ask()).toBe(first);
  await clock.advance(200_000);
  await expect(ask()).rejects.toThrow('away');
  expect(api.writes[0]?.body).toMatchObject({
    spec: { audiences: ['a'], boundObjectRef: { kind: 'Pod', name: 'p', uid: 'u' } },
  });
});

test('mount points with odd names are read', () => {
  expect(parseMountPoints('1 2 0:1 / /a\\040b rw - tmpfs tmpfs rw\n')).toEqual(['/a b']);
});
