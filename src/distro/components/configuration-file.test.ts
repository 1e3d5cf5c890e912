import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withConfiguration } from './configuration-file.ts';
import { kubeProxyConfiguration } from './kube-proxy-configuration.ts';
import { kubeProxyFlags } from './kube-proxy-flags.ts';
import { kubeletConfiguration } from './kubelet-configuration.ts';
import { kubeletFlags } from './kubelet-flags.ts';
import { parseFlags } from './parse-flags.ts';

const directory = mkdtempSync(join(tmpdir(), 'kubets-configuration-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const kubeletHead = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const path = join(directory, 'config.yaml');

function kubelet(yaml: string, ...args: readonly string[]) {
  writeFileSync(path, `${kubeletHead}${yaml}`);
  const parsed = parseFlags({ component: 'kubelet', flags: kubeletFlags }, args);
  return withConfiguration(parsed, kubeletFlags, { path, format: kubeletConfiguration });
}

test('every field of the formats means a flag that exists', () => {
  expect(Object.values(kubeletConfiguration.fields).filter((flag) => !(flag in kubeletFlags))).toEqual([]);
  expect(Object.values(kubeProxyConfiguration.fields).filter((flag) => !(flag in kubeProxyFlags))).toEqual([]);
});

test("a kubelet's configuration file says what flags say", () => {
  const values = kubelet(`
maxPods: 30
clusterDNS: [10.96.0.10, 10.96.0.11]
authentication: { x509: { clientCAFile: /pki/ca.crt }, anonymous: { enabled: false }, webhook: { enabled: true } }
registerWithTaints: [{ key: dedicated, value: gpu, effect: NoSchedule }, { key: spare, effect: NoExecute }]
kubeReserved: { cpu: 100m, memory: 200Mi }
evictionHard: { memory.available: 200Mi, nodefs.available: 15% }
containerLogMaxSize: 5Mi
logging: { verbosity: 4, format: json, flushFrequency: 0 }
healthzPort: 0
cgroupsPerQOS: true
syncFrequency: 0s
`);
  expect(values).toMatchObject({
    'max-pods': 30,
    'cluster-dns': ['10.96.0.10', '10.96.0.11'],
    'client-ca-file': '/pki/ca.crt',
    'register-with-taints': [
      { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' },
      { key: 'spare', effect: 'NoExecute' },
    ],
    'kube-reserved': { cpu: '100m', memory: '200Mi' },
    'eviction-hard': { memoryAvailableBytes: 200 * 2 ** 20, nodefsAvailableFraction: 0.15 },
    'container-log-max-size': 5 * 2 ** 20,
    'healthz-port': 0,
    v: 4,
    'logging-format': 'json',
  });
});

test('a flag wins over the file', () => {
  expect(kubelet('maxPods: 30\nport: 1234', '--max-pods=40')).toMatchObject({ 'max-pods': 40, port: 1234 });
});

test('a field that can not be is refused with its name and what would be right', () => {
  expect(() => kubelet('maxPods: many')).toThrow(
    `maxPods in ${path} must be a whole number from 1 to 10000, not "many"`,
  );
  expect(() => kubelet('cpuManagerPolicy: static')).toThrow('has cpuManagerPolicy, which kubets does not have');
  expect(() => kubelet('authentication: { anonymous: { enabled: true } }')).toThrow(
    `authentication.anonymous.enabled in ${path} must be false: requests without credentials are always refused`,
  );
  expect(() => kubelet('cgroupsPerQOS: false')).toThrow('cgroupsPerQOS');
  expect(() => kubelet('evictionHard: { imagefs.available: 15% }')).toThrow('knows the signals memory.available');
});

test('a file of another kind, or no YAML, is refused', () => {
  expect(() => kubelet('kind: Pod')).toThrow('is no YAML');
  writeFileSync(path, 'kind: Pod');
  const parsed = parseFlags({ component: 'kube-proxy', flags: kubeProxyFlags }, []);
  expect(() => withConfiguration(parsed, kubeProxyFlags, { path, format: kubeProxyConfiguration })).toThrow(
    `--config ${path} must be a KubeProxyConfiguration of apiVersion kubeproxy.config.k8s.io/v1alpha1`,
  );
});

test("a proxy's configuration file says what flags say, and no other mode than nftables", () => {
  const proxy = (yaml: string) => {
    writeFileSync(path, `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n${yaml}`);
    const parsed = parseFlags({ component: 'kube-proxy', flags: kubeProxyFlags }, []);
    return withConfiguration(parsed, kubeProxyFlags, { path, format: kubeProxyConfiguration });
  };
  const values = proxy(
    'mode: ""\nclusterCIDR: 10.244.0.0/16\nclientConnection: { kubeconfig: /k }\nnftables: { masqueradeAll: true }',
  );
  expect(values).toMatchObject({ 'cluster-cidr': ['10.244.0.0/16'], kubeconfig: '/k', 'masquerade-all': true });
  expect(() => proxy('mode: ipvs')).toThrow('must be nftables, not "ipvs": kubets programs nftables');
});
