import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { clusterConfig } from '../config/cluster-config.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { checkClusterAudit, clusterAuditFlags } from './cluster-audit.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-cluster-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const layout = layoutOf('/data');
const config = (given: Partial<Record<keyof ClusterConfig, unknown>>): ClusterConfig => clusterConfig(given, undefined);

test('a cluster records nothing unless it is given a policy; then its log lies with the others', () => {
  expect(clusterAuditFlags(config({}), layout)).toMatchObject({
    'audit-policy-file': undefined,
    'audit-log-path': undefined,
  });
  const given = { auditPolicyFile: '/p', auditLogMaxage: '7', auditLogMode: 'batch' };
  expect(clusterAuditFlags(config(given), layout)).toMatchObject({
    'audit-policy-file': '/p',
    'audit-log-path': '/data/logs/audit/audit.log',
    'audit-log-maxage': 7,
    'audit-log-maxsize': 100,
    'audit-log-mode': 'batch',
  });
});

test('what can not be is said before anything is started', () => {
  const auditPolicyFile = join(folder, 'policy');
  writeFileSync(auditPolicyFile, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: All}]\n');
  const check = (given: object) => () => checkClusterAudit(config(given), layout);
  expect(check({ auditPolicyFile })).toThrow('rules[0].level: Unsupported value: "All"');
  expect(check({ auditLogPath: '/x', auditLogMode: 'later' })).toThrow('invalid audit log mode later');
  expect(check({})).not.toThrow();
});
