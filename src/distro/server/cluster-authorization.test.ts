import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { clusterConfig } from '../config/cluster-config.ts';
import { clusterAuthorization } from './cluster-authorization.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-cluster-authorization-'));
afterAll(() => rmSync(folder, { recursive: true }));
const context = { clock: new FakeClock(), log: silentLogger };

test('Node and RBAC decide in a cluster, or who a file names', async () => {
  const usual = await clusterAuthorization(clusterConfig({}, undefined), context);
  expect(usual.authorizers?.map(({ type }) => type)).toEqual(['Node', 'RBAC']);
  const authorizationConfig = join(folder, 'authorization.yaml');
  const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthorizationConfiguration' };
  writeFileSync(authorizationConfig, JSON.stringify({ ...file, authorizers: [{ type: 'RBAC', name: 'rbac' }] }));
  const { authorizers } = await clusterAuthorization(clusterConfig({ authorizationConfig }, undefined), context);
  expect(authorizers).toEqual([{ type: 'RBAC', name: 'rbac' }]);
  writeFileSync(authorizationConfig, JSON.stringify(file));
  await expect(clusterAuthorization({ authorizationConfig }, context)).rejects.toThrow(
    'authorizers: Required value: at least one authorization mode must be defined',
  );
});
