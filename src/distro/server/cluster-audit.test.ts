import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { clusterConfig } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { checkClusterAudit, clusterAudit } from './cluster-audit.ts';
import { clusterAuditPolicy } from './cluster-audit-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-cluster-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const layout = layoutOf('/data');
const config = (given: Partial<Record<keyof ClusterConfig, unknown>>): ClusterConfig => clusterConfig(given, undefined);

test('a cluster records by a policy of its own, without keeping requests waiting; the log lies with the others', () => {
  const { flags, policy } = clusterAudit(config({}), layout);
  expect(policy).toBe(clusterAuditPolicy);
  expect(flags).toMatchObject({
    'audit-policy-file': undefined,
    'audit-log-path': '/data/logs/audit/audit.log',
    'audit-log-maxage': 30,
    'audit-log-maxbackup': 10,
    'audit-log-maxsize': 100,
    'audit-log-mode': 'batch',
    'audit-log-batch-max-size': 100,
    'audit-log-batch-max-wait': 200,
  });
});

test('it records by another policy, elsewhere or not at all if it is told to', () => {
  const given = { auditPolicyFile: '/p', auditLogMaxage: '7', auditLogMode: 'blocking', auditLogPath: '/l' };
  const { flags, policy } = clusterAudit(config(given), layout);
  expect(policy).toBeUndefined();
  expect(flags).toMatchObject({
    'audit-policy-file': '/p',
    'audit-log-path': '/l',
    'audit-log-maxage': 7,
    'audit-log-mode': 'blocking',
  });
  const off = clusterAudit(config({ auditPolicyFile: 'none' }), layout);
  expect(off.policy).toBeUndefined();
  expect(off.flags).toMatchObject({ 'audit-policy-file': undefined, 'audit-log-path': undefined });
});

test('what can not be is said before anything is started', () => {
  const auditPolicyFile = join(folder, 'policy');
  writeFileSync(auditPolicyFile, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]\n');
  const check = (given: object) => () => checkClusterAudit(config(given), layout);
  expect(check({ auditPolicyFile })).toThrow('rules[0].level: Unsupported value: "All"');
  expect(check({ auditLogPath: '/x', auditLogMode: 'later' })).toThrow('invalid audit log mode later');
  expect(check({})).not.toThrow();
});
