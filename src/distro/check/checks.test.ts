import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { Service } from '../../api/core/service.ts';
import { NetworkPolicy } from '../../api/networking/network-policy.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import { testCluster } from '../testing/test-cluster.ts';
import type { TestCluster } from '../testing/test-cluster.ts';
import { severities } from './check.ts';
import type { Facts } from './facts.ts';
import { readObjects } from './read-objects.ts';
import { checks } from './registry.ts';
import { examine, fails, reportText } from './report.ts';

let cluster: TestCluster;
let fresh: Facts;

const safeFlags = {
  'authorization-mode': 'Node,RBAC',
  'audit-policy-file': '/p',
  'audit-log-path': '/l',
  'encryption-provider-config': '/e',
  'kubelet-certificate-authority': '/ca',
  'etcd-servers': '',
};

async function factsNow(): Promise<Facts> {
  return {
    now: 0,
    objects: await readObjects(cluster.client),
    apiServerFlags: safeFlags,
    secretsProvider: 'secretbox',
    usualPodLevel: undefined,
    probes: {
      anonymous: { '/version': 200, '/api': 403 },
      nobodyMayEverything: false,
      oldTls: [],
      kubelets: [{ node: 'n', anonymousStatus: 401, readOnlyPortOpen: false }],
    },
    kubeletFlags: { n: { 'authorization-mode': 'Webhook' } },
    files: [{ path: '/k', mode: 0o600, uid: 0, kind: 'secret' }],
    certificates: [{ file: '/c', subject: 'CN=c', isAuthority: false, daysLeft: 300 }],
  };
}

beforeAll(async () => {
  cluster = await testCluster([], { disabledAdmission: ['DenyServiceExternalIPs', 'PodSecurity'] });
  fresh = await factsNow();
});
afterAll(() => cluster[Symbol.asyncDispose]());

const labelled = (level: string | null) => ({ metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } });

function found(facts: Facts, name: string): readonly string[] | undefined {
  const check = checks.find((one) => one.name === name);
  if (!check) throw new Error(`there is no check ${name}`);
  return check.look(facts)?.map(({ where, what }) => `${where}: ${what}`);
}

test('nothing deviates in a cluster that has what every cluster has', () => {
  const report = examine(checks, fresh);
  expect(reportText(report)).toBe(`Nothing deviates: ${checks.length} checks.\n`);
  expect(fails(report, 'low')).toBe(false);
});

test('every check has a name of its own, and says why and what to do', () => {
  expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  for (const { name, title, why, fix } of checks) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    for (const text of [title, why, fix]) expect(text.length).toBeGreaterThan(15);
  }
});

describe('the API server, kubelets and files', () => {
  const flags = (more: Readonly<Record<string, string | undefined>>): Partial<Facts> => ({
    apiServerFlags: Object.fromEntries(
      Object.entries({ ...safeFlags, ...more }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
  const probes = (more: Partial<Facts['probes']>): Partial<Facts> => ({ probes: { ...fresh.probes, ...more } });
  const kubelet = (given: Readonly<Record<string, string>>): Partial<Facts> => ({ kubeletFlags: { n: given } });
  const file = (path: string, mode: number, kind: 'secret' | 'config' | 'socket', uid = 0): Partial<Facts> => ({
    files: [{ path, mode, kind, uid }],
  });
  const kubelets = (anonymousStatus: number, readOnlyPortOpen = false): Partial<Facts> =>
    probes({ kubelets: [{ node: 'n', anonymousStatus, readOnlyPortOpen }] });

  test.each<readonly [name: string, facts: () => Partial<Facts>, deviation: string]>([
    [
      'api-anonymous-access',
      () => probes({ anonymous: { '/version': 200, '/api/v1/secrets': 200 } }),
      'kube-apiserver /api/v1/secrets: answers 200 to anybody',
    ],
    [
      'api-authorization',
      () => flags({ 'authorization-mode': 'AlwaysAllow' }),
      'kube-apiserver: --authorization-mode has AlwaysAllow',
    ],
    [
      'api-authorization',
      () => ({ ...probes({ nobodyMayEverything: true }), apiServerFlags: undefined }),
      'kube-apiserver: a user without any role may do everything',
    ],
    [
      'api-node-authorizer',
      () => flags({ 'authorization-mode': 'RBAC' }),
      'kube-apiserver: --authorization-mode=RBAC lacks Node',
    ],
    [
      'api-admission-plugins',
      () => flags({ 'disable-admission-plugins': 'PodSecurity,Priority,NodeRestriction' }),
      'kube-apiserver: without NodeRestriction, PodSecurity',
    ],
    ['api-audit', () => flags({ 'audit-policy-file': undefined }), 'kube-apiserver: no --audit-policy-file'],
    [
      'api-audit',
      () => flags({ 'audit-log-path': undefined }),
      'kube-apiserver: --audit-policy-file without --audit-log-path or --audit-webhook-config-file',
    ],
    [
      'api-encryption-at-rest',
      () => flags({ 'encryption-provider-config': undefined }),
      'kube-apiserver: no --encryption-provider-config',
    ],
    [
      'api-encryption-at-rest',
      () => ({ secretsProvider: 'identity' }),
      'kube-apiserver: /e has Secrets written as they are',
    ],
    ['api-static-tokens', () => flags({ 'token-auth-file': '/t' }), 'kube-apiserver: --token-auth-file=/t'],
    [
      'api-kubelet-authority',
      () => flags({ 'kubelet-certificate-authority': undefined }),
      'kube-apiserver: no --kubelet-certificate-authority',
    ],
    [
      'api-etcd-tls',
      () => flags({ 'etcd-servers': 'https://a:2379,http://b:2379' }),
      'kube-apiserver: http://b:2379 without TLS',
    ],
    ['api-etcd-tls', () => flags({ 'etcd-servers': 'https://a:2379' }), 'kube-apiserver: no --etcd-certfile'],
    [
      'api-token-lookup',
      () => flags({ 'service-account-lookup': 'false' }),
      'kube-apiserver: --service-account-lookup=false',
    ],
    ['api-tls-version', () => probes({ oldTls: ['TLSv1.1'] }), 'kube-apiserver: speaks TLSv1.1'],
    ['kubelet-anonymous', () => kubelets(200), 'kubelet of n: answers 200 to who has no credentials'],
    ['kubelet-anonymous', () => kubelets(403), 'kubelet of n: answers 403 to who has no credentials'],
    ['kubelet-anonymous', () => kubelet({ 'anonymous-auth': 'true' }), 'kubelet of n: --anonymous-auth=true'],
    [
      'kubelet-authorization',
      () => kubelet({ 'authorization-mode': 'AlwaysAllow' }),
      'kubelet of n: --authorization-mode=AlwaysAllow',
    ],
    ['kubelet-read-only-port', () => kubelets(401, true), 'kubelet of n: port 10255 is open'],
    [
      'kubelet-rotate-certificates',
      () => kubelet({ 'rotate-certificates': 'false' }),
      'kubelet of n: --rotate-certificates=false',
    ],
    ['file-secrets', () => file('/token', 0o640, 'secret'), '/token: has mode 0640'],
    ['file-configuration', () => file('/m.yaml', 0o664, 'config'), '/m.yaml: has mode 0664'],
    ['file-runtime-socket', () => file('/c.sock', 0o666, 'socket'), '/c.sock: has mode 0666'],
    ['file-owner', () => file('/token', 0o600, 'secret', 1000), '/token: belongs to user 1000'],
    [
      'certificate-end',
      () => ({ certificates: [{ file: '/c', subject: 'CN=c', isAuthority: false, daysLeft: 29 }] }),
      '/c: CN=c ends in 29 days',
    ],
    [
      'certificate-end',
      () => ({ certificates: [{ file: '/c', subject: 'CN=c', isAuthority: true, daysLeft: -1 }] }),
      '/c: CN=c has ended',
    ],
  ])('%s (%#)', (name, facts, deviation) => {
    expect(found(fresh, name)).toEqual([]);
    expect(found({ ...fresh, ...facts() }, name)).toEqual([deviation]);
  });

  test('what can not be seen from here is said to be so', () => {
    const unseen = {
      ...fresh,
      apiServerFlags: undefined,
      kubeletFlags: undefined,
      files: undefined,
      certificates: undefined,
      probes: { anonymous: undefined, nobodyMayEverything: undefined, oldTls: undefined, kubelets: [] },
    };
    const report = examine(checks, unseen);
    expect(report.findings).toEqual([]);
    expect(report.notExamined).toEqual(expect.arrayContaining(['api-audit', 'kubelet-anonymous', 'file-secrets']));
    expect(reportText(report)).toContain('Not to be seen from here: api-anonymous-access, ');
  });
});

describe('roles and workloads', () => {
  const metadata = { name: 'x' };
  const inDefault = { name: 'x', namespace: 'default' };
  const eve = [{ kind: 'User', name: 'eve', apiGroup: 'rbac.authorization.k8s.io' }];
  const clusterRole = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });
  const group = (name: string) => [{ kind: 'Group', name, apiGroup: 'rbac.authorization.k8s.io' }];

  /** A ClusterRole and its binding. */
  const granting =
    (rule: object, subjects: readonly object[] = eve) =>
    async (client: Client): Promise<void> => {
      await client.create(ClusterRole, { metadata, rules: [rule as never] });
      await client.create(ClusterRoleBinding, { metadata, roleRef: clusterRole('x'), subjects: subjects as never });
    };
  const binding =
    (role: string, subjects: readonly object[]) =>
    async (client: Client): Promise<void> =>
      void (await client.create(ClusterRoleBinding, {
        metadata,
        roleRef: clusterRole(role),
        subjects: subjects as never,
      }));
  const pod =
    (spec: object = {}, container: object = {}) =>
    async (client: Client): Promise<void> => {
      const containers = [{ name: 'c', image: 'nginx:1', ...container }];
      await client.create(Pod, { metadata: inDefault, spec: { containers, ...spec } });
    };
  const restricted = {
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
  const rbac = 'rbac.authorization.k8s.io';
  const may = 'ClusterRoleBinding x: User eve may';

  test.each<readonly [name: string, make: (client: Client) => Promise<void>, deviation: string | undefined]>([
    [
      'rbac-cluster-admin',
      binding('cluster-admin', eve),
      'ClusterRoleBinding x: gives User eve the role cluster-admin',
    ],
    [
      'rbac-anonymous',
      binding('view', group('system:unauthenticated')),
      'ClusterRoleBinding x: gives Group system:unauthenticated the role view',
    ],
    [
      'rbac-everybody',
      binding('view', group('system:serviceaccounts')),
      'ClusterRoleBinding x: gives Group system:serviceaccounts the role view',
    ],
    [
      'rbac-default-service-account',
      binding('view', [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }]),
      'ClusterRoleBinding x: gives ServiceAccount default/default the role view',
    ],
    [
      'rbac-wildcards',
      async (client) =>
        void (await client.create(Role, {
          metadata: inDefault,
          rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        })),
      'Role default/x: allows every verb on every resource',
    ],
    [
      'rbac-escalation',
      granting({ verbs: ['bind', 'get'], apiGroups: [rbac], resources: ['clusterroles'] }),
      `${may} bind clusterroles (role x)`,
    ],
    [
      'rbac-escalation',
      granting({ verbs: ['impersonate'], apiGroups: [''], resources: ['users'] }),
      `${may} impersonate users (role x)`,
    ],
    [
      'rbac-secrets',
      granting({ verbs: ['get', 'list'], apiGroups: [''], resources: ['secrets'] }),
      `${may} get secrets, list secrets (role x)`,
    ],
    [
      'rbac-create-pods',
      granting({ verbs: ['create'], apiGroups: [''], resources: ['pods'] }),
      `${may} create pods (role x)`,
    ],
    [
      'rbac-nodes-proxy',
      granting({ verbs: ['get'], apiGroups: [''], resources: ['nodes/proxy'] }),
      `${may} get nodes/proxy (role x)`,
    ],
    [
      'rbac-tokens',
      granting({ verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] }),
      `${may} create serviceaccounts/token (role x)`,
    ],
    [
      'rbac-webhooks',
      granting({
        verbs: ['update'],
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations'],
      }),
      `${may} update mutatingwebhookconfigurations (role x)`,
    ],
    [
      'rbac-certificates',
      granting({
        verbs: ['update'],
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval'],
      }),
      `${may} update certificatesigningrequests/approval (role x)`,
    ],
    // What is narrow is left alone.
    [
      'rbac-secrets',
      granting({ verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['one'] }),
      undefined,
    ],
    [
      'rbac-create-pods',
      async (client) => {
        await client.create(RoleBinding, { metadata: inDefault, roleRef: clusterRole('edit'), subjects: eve });
      },
      undefined,
    ],
    [
      'rbac-tokens',
      granting({ verbs: ['create'], apiGroups: [''], resources: ['serviceaccounts/token'] }, [
        { kind: 'ServiceAccount', name: 'own', namespace: 'kube-system' },
      ]),
      undefined,
    ],
    [
      'namespace-pod-security',
      pod({}, restricted),
      'Namespace default: enforces no Pod Security level; its pods keep to restricted',
    ],
    ['namespace-pod-security', pod(), 'Namespace default: enforces no Pod Security level; its pods keep to baseline'],
    [
      'namespace-pod-security',
      async (client) => {
        await client.patch(Namespace, { name: 'default' }, { type: 'merge', body: labelled('privileged') });
        await pod({ hostNetwork: true })(client);
      },
      'Namespace default: enforces the level privileged; some of its pods need more than baseline',
    ],
    // Where there are no pods, or they are held to a level.
    [
      'namespace-pod-security',
      async (client) => {
        await client.create(Namespace, { metadata: { name: 'empty' } });
      },
      undefined,
    ],
    [
      'namespace-pod-security',
      async (client) => {
        await client.patch(Namespace, { name: 'default' }, { type: 'merge', body: labelled('baseline') });
        await pod()(client);
      },
      undefined,
    ],
    ['namespace-network-policy', pod(), 'Namespace default: has pods and no NetworkPolicy'],
    [
      'namespace-network-policy',
      async (client) => {
        await pod()(client);
        await client.create(NetworkPolicy, {
          metadata: inDefault,
          spec: { podSelector: {}, policyTypes: ['Ingress'] },
        });
      },
      undefined,
    ],
    ['pod-privileged', pod({}, { securityContext: { privileged: true } }), 'Pod default/x: is privileged (c)'],
    ['pod-host-namespaces', pod({ hostNetwork: true, hostPID: true }), 'Pod default/x: has hostNetwork, hostPID'],
    [
      'pod-host-path',
      pod({ volumes: [{ name: 'v', hostPath: { path: '/etc' } }] }),
      'Pod default/x: mounts /etc of the node',
    ],
    ['pod-default-token', pod(), 'Pod default/x: has a token of the service account default'],
    ['pod-default-token', pod({ automountServiceAccountToken: false }), undefined],
    [
      'pod-default-token',
      async (client) => {
        const account = { metadata: { name: 'default', namespace: 'default' }, automountServiceAccountToken: false };
        await client.create(ServiceAccount, account);
        await pod()(client);
      },
      undefined,
    ],
    [
      'pod-secrets-in-environment',
      pod({}, { env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
      'Pod default/x: has Secrets in its environment (c)',
    ],
    ['pod-image-latest', pod({}, { image: 'example.com:5000/nginx' }), 'Pod default/x: runs example.com:5000/nginx'],
    ['pod-image-latest', pod({}, { image: 'nginx:latest' }), 'Pod default/x: runs nginx:latest'],
    ['pod-image-latest', pod({}, { image: `nginx@sha256:${'a'.repeat(64)}` }), undefined],
    [
      'service-external-ips',
      async (client) =>
        void (await client.create(Service, {
          metadata: inDefault,
          spec: { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] },
        })),
      'Service default/x: has externalIPs 192.0.2.1',
    ],
    [
      'webhook-failure-policy',
      async (client) =>
        void (await client.create(MutatingWebhookConfiguration, {
          metadata,
          webhooks: [
            {
              name: 'a.example.com',
              clientConfig: { url: 'https://192.0.2.1/' },
              failurePolicy: 'Ignore',
              sideEffects: 'None',
              admissionReviewVersions: ['v1'],
              rules: [],
            },
          ],
        })),
      'MutatingWebhookConfiguration x: failurePolicy Ignore of a.example.com',
    ],
  ])('%s (%#)', async (name, make, deviation) => {
    expect(found(fresh, name)).toEqual([]);
    try {
      await make(cluster.client);
      expect(found(await factsNow(), name)).toEqual(deviation === undefined ? [] : [deviation]);
    } finally {
      await cleaned(cluster.client);
    }
  });
});

/** Takes away what a row of the table has made. */
async function cleaned(client: Client): Promise<void> {
  await client.patch(Namespace, { name: 'default' }, { type: 'merge', body: labelled(null) });
  const name = { fieldSelector: 'metadata.name=x' };
  for (const kind of [ClusterRole, ClusterRoleBinding, MutatingWebhookConfiguration])
    await client.deleteCollection(kind, name);
  const inDefault = { namespace: 'default', ...name };
  for (const kind of [Role, RoleBinding, NetworkPolicy]) await client.deleteCollection(kind, inDefault);
  await client.deleteCollection(Service, inDefault);
  await client.deleteCollection(ServiceAccount, { namespace: 'default' });
  await client.deleteCollection(Pod, { namespace: 'default', gracePeriodSeconds: 0 });
}

test('the gravest comes first; --fail-on says from where on it counts', () => {
  const report = examine(checks, {
    ...fresh,
    apiServerFlags: { ...safeFlags, 'token-auth-file': '/t', 'authorization-mode': 'AlwaysAllow' },
  });
  expect(report.findings.map(({ severity }) => severity)).toEqual(['critical', 'high', 'medium']);
  expect(severities.map((severity) => fails(report, severity))).toEqual([true, true, true, true]);
  const medium = examine(checks, { ...fresh, apiServerFlags: { ...safeFlags, 'token-auth-file': '/t' } });
  expect(severities.map((severity) => fails(medium, severity))).toEqual([true, true, false, false]);
  expect(reportText(medium)).toBe(
    `MEDIUM  No static tokens are believed  [api-static-tokens]
  - kube-apiserver: --token-auth-file=/t
  Why: They never end, and are taken back only by a restart.
  Fix: Use certificates, service accounts or OpenID Connect instead of --token-auth-file.

1 deviation in 1 of ${checks.length} checks.
`,
  );
});
