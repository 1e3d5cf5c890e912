import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../base/system-clock.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import { httpsCluster } from '../testing/https-cluster.ts';
import { planCluster } from '../up/cluster-plan.ts';
import { flagsOfPlan, gatherFacts } from './gather-facts.ts';
import { clusterFiles, filesOfFlags } from './machine-files.ts';
import { runningFlags } from './process-flags.ts';
import { checks } from './registry.ts';
import { newEncryption } from '../pki/new-encryption.ts';
import { configurationFacts } from './configuration-facts.ts';
import type { Report } from './report.ts';
import { runCheck } from './run-check.ts';

const root = mkdtempSync(join(tmpdir(), 'kubets-check-'));
afterAll(() => rmSync(root, { recursive: true }));

function file(path: string, mode: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true, mode: 0o755 });
  writeFileSync(join(root, path), '');
  chmodSync(join(root, path), mode);
}

test('the files of a cluster are what their places say; a closed folder closes what is in it', () => {
  chmodSync(root, 0o755);
  file('data/pki/ca.key', 0o644);
  file('data/pki/ca.crt', 0o644);
  file('data/admin.kubeconfig', 0o600);
  file('data/token', 0o640);
  file('data/store/kubets.db', 0o644);
  file('data/nodes/n/manifests/pod.yaml', 0o666);
  file('data/nodes/n/containerd/containerd.sock', 0o660);
  file('data/images/blob.key', 0o666);
  file('data/logs/server.log', 0o644);
  chmodSync(join(root, 'data/store'), 0o700);
  const seen = clusterFiles(join(root, 'data')).map(
    ({ path, mode, kind }) => `${path.slice(root.length + 6)} ${mode.toString(8)} ${kind}`,
  );
  expect(new Set(seen)).toEqual(
    new Set([
      'admin.kubeconfig 600 secret',
      'nodes/n/containerd/containerd.sock 660 socket',
      'nodes/n/manifests 755 config',
      'nodes/n/manifests/pod.yaml 666 config',
      'pki/ca.crt 644 config',
      'pki/ca.key 644 secret',
      'store/kubets.db 600 secret',
      'token 640 secret',
    ]),
  );
});

test('files that flags name are looked at wherever they lie', () => {
  file('elsewhere/sa.key', 0o644);
  file('elsewhere/policy.yaml', 0o664);
  const named = (name: string): string => join(root, 'elsewhere', name);
  const flags = {
    'service-account-signing-key-file': named('sa.key'),
    'audit-policy-file': named('policy.yaml'),
    'token-auth-file': named('nowhere'),
    'audit-log-path': '-',
    'secure-port': '6443',
  };
  expect(filesOfFlags(flags)).toMatchObject([
    { path: named('sa.key'), mode: 0o644, kind: 'secret' },
    { path: named('policy.yaml'), mode: 0o664, kind: 'config' },
  ]);
});

test("flags are read from the command lines of processes, ours and upstream's", () => {
  const processes = {
    1: ['/sbin/init'],
    20: [
      'node',
      '/usr/bin/kubets',
      'kube-apiserver',
      '--secure-port=7443',
      '--token-auth-file',
      '/t',
      '--profiling',
      '-v=2',
    ],
    30: ['/usr/local/bin/kube-apiserver', '--anonymous-auth=false'],
    40: ['vitest', 'run', 'src/kube-apiserver', '--profiling'],
  };
  for (const [pid, args] of Object.entries(processes)) {
    mkdirSync(join(root, 'proc', pid), { recursive: true });
    writeFileSync(join(root, 'proc', pid, 'cmdline'), args.map((arg) => `${arg}\0`).join(''));
  }
  expect(runningFlags('kube-apiserver', join(root, 'proc'))).toEqual([
    { 'secure-port': '7443', 'token-auth-file': '/t', profiling: 'true', v: '2' },
    { 'anonymous-auth': 'false' },
  ]);
});

test('a cluster of kubets up has the flags that say what it does', () => {
  const layout = layoutOf('/data');
  const config = { ...defaultConfig, auditPolicyFile: '/p', etcdServers: ['https://10.0.0.1:2379'] };
  const plan = { ...planCluster(config, { address: '10.0.0.1', hostName: 'h' }), encrypted: true };
  expect(flagsOfPlan(plan, layout)).toMatchObject({
    'audit-policy-file': '/p',
    'audit-log-path': '/data/logs/audit/audit.log',
    'encryption-provider-config': '/data/pki/encryption.yaml',
    'etcd-servers': 'https://10.0.0.1:2379',
    'authorization-mode': 'Node,RBAC',
  });
  const given = { auditPolicyFile: 'none', authorizationConfig: '/a', disableAdmissionPlugins: ['A', 'B'] };
  const flags = flagsOfPlan({ ...plan, config: { ...defaultConfig, ...given } }, layout);
  expect(flags).toMatchObject({ 'authorization-config': '/a', 'disable-admission-plugins': 'A,B' });
  expect(Object.keys(flags)).not.toContain('audit-policy-file');
  expect(Object.keys(flags)).not.toContain('authorization-mode');
  expect(flagsOfPlan({ ...plan, config: defaultConfig }, layout)).toHaveProperty('audit-policy-file', 'built-in');
});

test('what the files say that flags name is looked up', () => {
  const [encryption, admission] = [join(root, 'encryption.yaml'), join(root, 'admission.yaml')];
  const flags = { 'encryption-provider-config': encryption, 'admission-control-config-file': admission };
  writeFileSync(encryption, newEncryption());
  const defaults = { enforce: 'baseline' };
  const configuration = {
    apiVersion: 'pod-security.admission.config.k8s.io/v1',
    kind: 'PodSecurityConfiguration',
    defaults,
  };
  const file = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' };
  writeFileSync(admission, JSON.stringify({ ...file, plugins: [{ name: 'PodSecurity', configuration }] }));
  expect(configurationFacts(flags)).toEqual({ secretsProvider: 'secretbox', usualPodLevel: 'baseline' });
  const identity = newEncryption().replace('[secrets]', '[configmaps]');
  writeFileSync(encryption, identity);
  expect(configurationFacts({ 'encryption-provider-config': encryption }).secretsProvider).toBe('identity');
  expect(configurationFacts(undefined)).toEqual({ secretsProvider: undefined, usualPodLevel: undefined });
});

test('a running cluster is probed, and told of', async () => {
  await using cluster = await httpsCluster();
  const sources = { connection: cluster.connection, own: undefined, clock: systemClock };
  const { probes } = await gatherFacts(sources);
  expect(probes).toMatchObject({ nobodyMayEverything: false, oldTls: [], kubelets: [] });
  expect(probes.anonymous?.['/api/v1/secrets']).toBeGreaterThanOrEqual(401);
  const text: string[] = [];
  const stdout = { write: (part: string) => text.push(part) > 0 } as never;
  const options = { dataDir: root, kubeconfig: cluster.kubeconfig, output: 'json', failOn: 'high' } as const;
  expect(await runCheck(options, { stdout })).toBe(0);
  const report = JSON.parse(text.join('')) as Report;
  expect(report.findings).toEqual([]);
  expect(report.notExamined).toContain('file-secrets');
  expect(report.passed.length + report.notExamined.length).toBe(checks.length);
});
