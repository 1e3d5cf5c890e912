import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressIn } from './address.ts';
import { UsageError, clusterConfig, defaultConfig } from './cluster-config.ts';

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-config-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const fileWith = (text: string): string => {
  const file = join(directory, 'cluster.yaml');
  writeFileSync(file, text);
  return file;
};

test('nothing given is the default cluster', () => {
  expect(clusterConfig({}, undefined)).toEqual(defaultConfig);
});

test('flags win over the file, which wins over the defaults', () => {
  const file = fileWith('nodes: 3\napiPort: 7443\nregistries:\n  docker.io: { mirrors: ["http://127.0.0.1:5000"] }\n');
  const config = clusterConfig({ nodes: '2', verbosity: undefined }, file);
  expect(config).toMatchObject({
    nodes: 2,
    apiPort: 7443,
    registries: { 'docker.io': { mirrors: ['http://127.0.0.1:5000'] } },
  });
  expect(config.clusterDomain).toBe('cluster.local');
});

describe('what can not be is refused with what would be right:', () => {
  test.each([
    [{ nodes: '0' }, 'nodes must be a whole number from 1 to 64, not "0"'],
    [{ nodes: 'many' }, 'nodes must be a whole number from 1 to 64, not "many"'],
    [{ apiPort: '70000' }, 'apiPort must be a whole number from 1 to 65535'],
    [{ clusterCIDR: '10.244.0.0' }, 'clusterCIDR must be an IPv4 range such as 10.244.0.0/16'],
    [{ serviceCIDR: '10.300.0.0/16' }, 'serviceCIDR must be an IPv4 range'],
    [{ clusterDomain: 'Not A Name' }, 'clusterDomain must be a DNS name such as cluster.local'],
    [{ snapshotScheduleCron: 'often' }, 'snapshotScheduleCron must be a schedule such as "0 */12 * * *" or @daily'],
    [{ snapshotRetention: '0' }, 'snapshotRetention must be a whole number from 1 to 10000'],
    [{ verbosity: '11' }, 'verbosity must be a whole number from 0 to 10'],
    [{ podInfraContainerImage: '' }, 'podInfraContainerImage must be a text that is not empty'],
  ])('%j', (flags, sentence) => {
    expect(() => clusterConfig(flags, undefined)).toThrow(UsageError);
    expect(() => clusterConfig(flags, undefined)).toThrow(sentence);
  });

  test.each([
    ['node: 2', /has node, which is none of dataDir, nodes, /],
    ['- a', /must be a YAML map, such as "nodes: 2"/],
    ['{', /can't be read/],
    [
      'registries: { docker.io: { mirror: [] } }',
      /registries.docker.io knows mirrors, plainHttp, skipVerify and ca, not mirror/,
    ],
  ])('a file with %s', (text, sentence) => {
    const file = fileWith(text);
    expect(() => clusterConfig({}, file)).toThrow(sentence);
  });

  test('a file that is not there', () => {
    expect(() => clusterConfig({}, join(directory, 'none.yaml'))).toThrow(/--config .*none.yaml can't be read/);
  });
});

test.each([
  ['10.96.0.0/16', 10, '10.96.0.10'],
  ['10.96.0.0/16', 256, '10.96.1.0'],
  ['192.168.255.0/24', 255, '192.168.255.255'],
])('address %s + %i is %s', (cidr, index, address) => {
  expect(addressIn(cidr, index)).toBe(address);
});
