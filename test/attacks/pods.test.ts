/** Pods that want more of their node than their namespace gives them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Namespace } from '../../src/api/core/namespace.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { RoleBinding } from '../../src/api/rbac/role-binding.ts';
import { attackCluster } from './attack-cluster.ts';
import type { AttackCluster } from './attack-cluster.ts';
import type { Attacker } from './attacker.ts';

let cluster: AttackCluster;
/** Admin of the namespaces, whose labels they can't change. */
let tenant: Attacker;
const rbac = 'rbac.authorization.k8s.io';

beforeAll(async () => {
  cluster = await attackCluster();
  const { own } = cluster;
  for (const level of ['baseline', 'restricted']) {
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    await own.create(Namespace, { metadata: { name: level, labels } });
    await own.create(RoleBinding, {
      metadata: { name: 'admin', namespace: level },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'tenant' }],
    });
  }
  tenant = await cluster.user('tenant');
});
afterAll(() => cluster[Symbol.asyncDispose]());

const quiet = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

function pod(spec: object, metadata: object = {}): { metadata: object; spec: object } {
  return {
    metadata: { name: 'p', ...metadata },
    spec: { containers: [{ name: 'c', image: 'i', securityContext: quiet }], ...spec },
  };
}

function container(securityContext: object, more: object = {}): object {
  return { name: 'c', image: 'i', securityContext: { ...quiet, ...securityContext }, ...more };
}

const first = (securityContext: object, more?: object): object => ({ containers: [container(securityContext, more)] });

/** Refused at every level but `privileged`. */
const escapes: Readonly<Record<string, object>> = {
  'a privileged container': first({ privileged: true, allowPrivilegeEscalation: true }),
  'a privileged container that begins': {
    initContainers: [{ ...container({ privileged: true, allowPrivilegeEscalation: true }), name: 'x' }],
  },
  'one more capability': first({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] }, allowPrivilegeEscalation: true }),
  'a capability in lower case': first({
    capabilities: { drop: ['ALL'], add: ['sys_admin'] },
    allowPrivilegeEscalation: true,
  }),
  'a capability with its prefix': first({
    capabilities: { drop: ['ALL'], add: ['CAP_SYS_ADMIN'] },
    allowPrivilegeEscalation: true,
  }),
  'the network of the node': { hostNetwork: true },
  'the processes of the node': { hostPID: true },
  'the memory of the node': { hostIPC: true },
  'a path of the node': { volumes: [{ name: 'h', hostPath: { path: '/' } }] },
  'a port of the node': first({}, { ports: [{ containerPort: 1, hostPort: 22 }] }),
  'an unmasked /proc': first({ procMount: 'Unmasked' }),
  'no seccomp': first({ seccompProfile: { type: 'Unconfined' } }),
  'no seccomp for the pod': { securityContext: { seccompProfile: { type: 'Unconfined' } } },
  'no AppArmor': first({ appArmorProfile: { type: 'Unconfined' } }),
  'another SELinux type': first({ seLinuxOptions: { type: 'spc_t' } }),
  'a user of SELinux': { securityContext: { seLinuxOptions: { user: 'system_u' } } },
  'a parameter of the kernel': { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } },
  'a process of a Windows host': { securityContext: { windowsOptions: { hostProcess: true } } },
  'a probe that leaves the pod': first({}, { livenessProbe: { httpGet: { host: '169.254.169.254', port: 80 } } }),
};

test.each(Object.entries(escapes))('%s is refused', async (_, spec) => {
  for (const namespace of ['baseline', 'restricted']) {
    for (const query of ['', '?dryRun=All']) {
      const { status, text } = await tenant.post(`/api/v1/namespaces/${namespace}/pods${query}`, pod(spec));
      expect(status, text).toBe(403);
      expect(text).toContain('violates PodSecurity');
    }
  }
});

test('what only looks harmless is refused where it must be restricted', async () => {
  const path = '/api/v1/namespaces/restricted/pods';
  const specs = [
    first({ runAsNonRoot: false }),
    first({ runAsUser: 0 }),
    first({ allowPrivilegeEscalation: undefined }),
    first({ capabilities: { drop: ['NET_RAW'] } }),
    first({ seccompProfile: undefined }),
    { volumes: [{ name: 'n', nfs: { server: 's', path: '/' } }] },
    { ...first({}), initContainers: [{ name: 'x', image: 'i' }] },
  ];
  for (const spec of specs) {
    const { status, text } = await tenant.post(path, pod(spec));
    expect([status, text], JSON.stringify(spec)).toEqual([403, expect.stringContaining('violates PodSecurity')]);
  }
  expect((await tenant.post(`${path}?dryRun=All`, pod({}))).status).toBe(201);
});

test('no detour leads to such a pod: annotations, mirrors, updates, debugging, resizing, a label of one’s own', async () => {
  const pods = '/api/v1/namespaces/restricted/pods';
  const annotations = {
    'kubernetes.io/config.mirror': 'x',
    'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
    'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
    'pod-security.kubernetes.io/exempt': 'user',
  };
  expect((await tenant.post(pods, pod({ hostPID: true, nodeName: 'n' }, { annotations }))).status).toBe(403);
  expect(
    (
      await tenant.post(
        pods,
        pod({ hostPID: true }, { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } }),
      )
    ).status,
  ).toBe(403);
  expect((await tenant.post(pods, pod({ hostPID: true }, { namespace: 'kube-system' }))).status).toBe(400);
  expect((await tenant.post(pods, pod({}, { name: 'good' }))).status).toBe(201);
  const evil = { name: 'e', image: 'i', securityContext: { privileged: true } };
  const debugging = await cluster.admin.patch(`${pods}/good/ephemeralcontainers`, {
    spec: { ephemeralContainers: [evil] },
  });
  expect([debugging.status, debugging.text]).toEqual([403, expect.stringContaining('violates PodSecurity')]);
  for (const body of [
    { spec: { hostPID: true } },
    { spec: { containers: [container({ privileged: true, allowPrivilegeEscalation: true })] } },
  ]) {
    for (const part of ['', '/resize', '/status']) await cluster.admin.patch(`${pods}/good${part}`, body);
  }
  const { spec } = await cluster.own.get(Pod, { namespace: 'restricted', name: 'good' });
  expect(spec.hostPID ?? false).toBe(false);
  expect(spec.containers[0]?.securityContext?.privileged ?? false).toBe(false);
  expect(spec.ephemeralContainers ?? []).toEqual([]);
  for (const labels of [
    { 'pod-security.kubernetes.io/enforce': 'privileged' },
    { 'pod-security.kubernetes.io/enforce': null },
    { 'pod-security.kubernetes.io/enforce-version': 'v1.0' },
  ])
    expect((await tenant.patch('/api/v1/namespaces/restricted', { metadata: { labels } })).status).toBe(403);
});

test('a level that there is not is not set, nor taken for none', async () => {
  for (const level of ['Restricted', 'none', '', 'restricted,privileged']) {
    const labels = { 'pod-security.kubernetes.io/enforce': level };
    const { status } = await cluster.admin.patch('/api/v1/namespaces/restricted', { metadata: { labels } });
    expect([200, 422], level).toContain(status);
    expect((await tenant.post('/api/v1/namespaces/restricted/pods', pod({ hostPID: true }))).status, level).toBe(403);
  }
});
