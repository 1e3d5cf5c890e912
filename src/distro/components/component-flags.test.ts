import { expect, test } from 'vitest';
import { runCommandLine } from '../command-line.ts';
import { commands } from '../commands/registry.ts';
import { apiServerFlags, refusedApiServerFlags } from './api-server-flags.ts';
import { controllerManagerFlags, refusedControllerManagerFlags } from './controller-manager-flags.ts';
import { kubeProxyFlags, refusedKubeProxyFlags } from './kube-proxy-flags.ts';
import { kubeletFlags, refusedKubeletFlags } from './kubelet-flags.ts';
import { refusedSchedulerFlags, schedulerFlags } from './scheduler-flags.ts';

/** Runs a command line in this process: its exit code and what it wrote. */
async function kubets(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const stream = { write: (chunk: string) => (text += chunk).length > 0 };
  const io = { stdout: stream as never, stderr: stream as never, signal: AbortSignal.timeout(5_000) };
  return { code: await runCommandLine(commands, args, io), text };
}

const components = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kubelet', 'kube-proxy'];

test.each(components)('%s --help describes every flag', async (component) => {
  const { code, text } = await kubets(component, '--help');
  expect(code).toBe(0);
  expect(text).toContain(`Usage: kubets ${component} [flags]`);
  expect(text).toContain('-v, --v int\n');
  expect(text).not.toMatch(/\n {10}(undefined)?\n/);
});

test.each(components)('%s --version prints the version of Kubernetes', async (component) => {
  expect(await kubets(component, '--version')).toEqual({
    code: 0,
    text: expect.stringMatching(/^Kubernetes v1\.36\./),
  });
});

test.each([
  ['kube-apiserver', '--etcd-servers=127.0.0.1:2379', '--etcd-servers must be URLs such as https://10.0.0.1:2379'],
  ['kube-apiserver', '--etcd-servers-overrides=/events#http://x', 'one store holds all kinds'],
  ['kube-apiserver', '--event-ttl=0s', '--event-ttl must be a duration of at least a second'],
  ['kube-apiserver', '--store=/tmp/x', '--store must be sqlite:///absolute/path/of/a/file, or memory:'],
  ['kube-apiserver', '--secure-port=0', '--secure-port must be a whole number from 1 to 65535, not "0"'],
  ['kube-apiserver', '--service-node-port-range=9-1', '--service-node-port-range must be a range of ports'],
  ['kube-apiserver', '--allow-privileged=false', '--allow-privileged must be true, not "false": privileged containers'],
  [
    'kube-apiserver',
    '--service-account-signing-endpoint=/x',
    'tokens are signed by --service-account-signing-key-file',
  ],
  ['kube-scheduler', '--leader-elect-resource-lock=endpoints', '--leader-elect-resource-lock must be leases'],
  ['kube-scheduler', '--config=/x', 'kube-scheduler here has no --config: there is one profile'],
  ['kube-controller-manager', '--node-monitor-grace-period=40', 'must be a duration such as 40s'],
  ['kube-controller-manager', '--concurrent-deployment-syncs=5', 'controllers decide themselves'],
  ['kubelet', '--register-with-taints=a=b', '--register-with-taints must be taints such as dedicated=gpu:NoSchedule'],
  ['kubelet', '--container-runtime-endpoint=tcp://x', 'the socket of a CRI runtime such as unix:///run'],
  ['kubelet', '--cpu-manager-policy=static', 'cores, memory and devices are not pinned'],
  ['kube-proxy', '--proxy-mode=iptables', '--proxy-mode must be nftables, not "iptables": kubets programs nftables'],
  ['kube-proxy', '--ipvs-scheduler=rr', 'kube-proxy here has no --ipvs-scheduler: kubets programs nftables'],
  ['kube-proxy', '--nodeport-addresses=here', '--nodeport-addresses must be primary, or networks'],
  ['kube-proxy', '--cluster-cdir=10.0.0.0/8', 'did you mean --cluster-cidr?'],
])('%s refuses %s with a sentence', async (component, flag, sentence) => {
  const { code, text } = await kubets(component, flag);
  expect(text).toContain(sentence);
  expect(code).toBe(2);
});

test.each([
  ['kube-apiserver', '--store is needed'],
  ['kube-scheduler', '--kubeconfig is needed outside a pod'],
  ['kube-controller-manager', '--kubeconfig is needed outside a pod'],
  ['kubelet', '--kubeconfig is needed: it names the API server'],
  ['kube-proxy', '--kubeconfig is needed outside a pod'],
])('%s without any flag says what it needs', async (component, sentence) => {
  const { code, text } = await kubets(component);
  expect(text).toContain(sentence);
  expect(code).toBe(2);
});

test('a flag that must go with another is refused alone', async () => {
  const base = ['--store=memory:', '--service-account-issuer=https://x'];
  expect((await kubets('kube-apiserver', ...base)).text).toContain('--service-account-signing-key-file is needed');
  expect((await kubets('kubelet', '--kubeconfig=/x', '--node-ip=10.0.0.1')).text).toContain(
    '--client-ca-file is needed',
  );
});

test('one store is named, and who shows a certificate to etcd has its key', async () => {
  const etcd = '--etcd-servers=http://127.0.0.1:1';
  const twice = await kubets('kube-apiserver', etcd, '--store=memory:');
  expect(twice).toEqual({ code: 2, text: expect.stringContaining('name two stores: give one of them') });
});

test('no flag is both there and refused', () => {
  const tables = [
    [apiServerFlags, refusedApiServerFlags],
    [schedulerFlags, refusedSchedulerFlags],
    [controllerManagerFlags, refusedControllerManagerFlags],
    [kubeletFlags, refusedKubeletFlags],
    [kubeProxyFlags, refusedKubeProxyFlags],
  ] as const;
  for (const [flags, refused] of tables) expect(Object.keys(flags).filter((name) => name in refused)).toEqual([]);
});
