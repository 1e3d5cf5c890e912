import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { loadEncryptionConfiguration } from '../components/encryption-file.ts';
import { clusterConfig } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { newEncryption } from '../pki/new-encryption.ts';
import { planCluster } from './cluster-plan.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { prepareServer } from './identities.ts';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'kubets-identities-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function prepare(given: Partial<Record<keyof ClusterConfig, unknown>> = {}): Promise<ClusterPlan> {
  const config = clusterConfig({ dataDir: directory, ...given }, undefined);
  return prepareServer({
    plan: planCluster(config, { address: '192.0.2.1', hostName: 'one' }),
    layout: layoutOf(directory),
    ...{ addresses: [], token: undefined, clock: new FakeClock(), signal: new AbortController().signal },
    note: () => undefined,
  });
}

test('every cluster encrypts its Secrets by a key of its own, which stays, also that of a data directory without one', async () => {
  expect((await prepare()).encrypted).toBe(true);
  const { encryption } = layoutOf(directory);
  const first = readFileSync(encryption, 'utf8');
  expect(statSync(encryption).mode & 0o777).toBe(0o600);
  expect(loadEncryptionConfiguration(encryption).configuration.resources).toEqual([
    {
      resources: ['secrets'],
      providers: [
        { secretbox: { keys: [{ name: 'key1', secret: expect.stringMatching(/^.{43}=$/) }] } },
        { identity: {} },
      ],
    },
  ]);
  await prepare();
  expect(readFileSync(encryption, 'utf8')).toBe(first);
  rmSync(encryption);
  expect((await prepare()).encrypted).toBe(true);
  expect(readFileSync(encryption, 'utf8')).not.toBe(first);
});

test('a configuration that is given takes the place of the one that was made, and stays when it is given no more', async () => {
  await prepare();
  const given = join(directory, 'given.yaml');
  writeFileSync(given, newEncryption());
  await prepare({ encryptionProviderConfig: given });
  await prepare();
  expect(readFileSync(layoutOf(directory).encryption, 'utf8')).toBe(readFileSync(given, 'utf8'));
});
