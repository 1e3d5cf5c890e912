/** How the API server is set up. */
import type { Check, Deviation } from './check.ts';
import type { Facts } from './facts.ts';

const where = 'kube-apiserver';

/** A check of the flags of the API server. */
function flagCheck(
  check: Omit<Check, 'look'>,
  judge: (flags: Readonly<Record<string, string>>) => string | undefined,
): Check {
  return {
    ...check,
    look({ apiServerFlags }) {
      if (!apiServerFlags) return undefined;
      const what = judge(apiServerFlags);
      return what === undefined ? [] : [{ where, what }];
    },
  };
}

/** Paths that anybody may read: whether the server is well, and which version it has. Source: system:public-info-viewer. */
const publicPaths = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

/** Plug-ins without which a cluster is less safe than upstream's default, and DenyServiceExternalIPs. */
const neededPlugins = [
  'NamespaceLifecycle',
  'ServiceAccount',
  'NodeRestriction',
  'PodSecurity',
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'DenyServiceExternalIPs',
  'ResourceQuota',
  'LimitRanger',
];

/** See the file's first line. */
export const apiServerChecks: readonly Check[] = [
  {
    name: 'api-anonymous-access',
    title: 'Nobody reads the API without credentials',
    severity: 'critical',
    why: 'Whoever reaches the port sees what is in the cluster.',
    fix: 'Remove bindings to system:anonymous and system:unauthenticated, or start the API server with --anonymous-auth=false.',
    look({ probes }) {
      if (!probes.anonymous) return undefined;
      return Object.entries(probes.anonymous)
        .filter(([path, status]) => status >= 200 && status <= 299 && !publicPaths.has(path))
        .map(([path, status]): Deviation => ({ where: `${where} ${path}`, what: `answers ${status} to anybody` }));
    },
  },
  {
    name: 'api-authorization',
    title: 'Requests are authorized',
    severity: 'critical',
    why: 'With AlwaysAllow everybody who is known is an administrator.',
    fix: 'Start the API server with --authorization-mode=Node,RBAC.',
    look({ apiServerFlags, probes }) {
      const modes = apiServerFlags?.['authorization-mode']?.split(',') ?? [];
      if (!apiServerFlags && probes.nobodyMayEverything === undefined) return undefined;
      if (modes.includes('AlwaysAllow')) return [{ where, what: '--authorization-mode has AlwaysAllow' }];
      return probes.nobodyMayEverything === true ? [{ where, what: 'a user without any role may do everything' }] : [];
    },
  },
  flagCheck(
    {
      name: 'api-node-authorizer',
      title: 'Kubelets may do only what their own pods need',
      severity: 'high',
      why: 'With one node an attacker has the Secrets of all.',
      fix: 'Start the API server with --authorization-mode=Node,RBAC.',
    },
    (flags) => {
      const modes = flags['authorization-mode'];
      const hasFile = flags['authorization-config'] !== undefined;
      if (hasFile || modes === undefined || modes.split(',').includes('Node')) return undefined;
      return `--authorization-mode=${modes} lacks Node`;
    },
  ),
  flagCheck(
    {
      name: 'api-admission-plugins',
      title: 'The admission plug-ins that keep a cluster safe are in use',
      severity: 'high',
      why: 'What they refuse, such as nodes that change others, is allowed without them.',
      fix: 'Take them out of --disable-admission-plugins.',
    },
    (flags) => {
      const off = flags['disable-admission-plugins']?.split(',') ?? [];
      const missing = neededPlugins.filter((name) => off.includes(name));
      return missing.length === 0 ? undefined : `without ${missing.join(', ')}`;
    },
  ),
  flagCheck(
    {
      name: 'api-audit',
      title: 'Requests are audited',
      severity: 'medium',
      why: 'After a break-in nobody can tell what was done, by whom.',
      fix: 'Start kube-apiserver with --audit-policy-file and --audit-log-path; kubets up without --audit-policy-file none (docs/security.md, Audit).',
    },
    (flags) => {
      if (flags['audit-policy-file'] === undefined) return 'no --audit-policy-file';
      const goesSomewhere = flags['audit-log-path'] !== undefined || flags['audit-webhook-config-file'] !== undefined;
      return goesSomewhere ? undefined : '--audit-policy-file without --audit-log-path or --audit-webhook-config-file';
    },
  ),
  {
    name: 'api-encryption-at-rest',
    title: 'Secrets are encrypted in the store',
    severity: 'medium',
    why: 'Who gets the file, a backup of it or a snapshot of etcd has every Secret and token.',
    fix: 'Give an EncryptionConfiguration whose first provider encrypts: --encryption-provider-config (docs/encryption.md).',
    look({ apiServerFlags, secretsProvider }) {
      if (!apiServerFlags) return undefined;
      const path = apiServerFlags['encryption-provider-config'];
      if (path === undefined) return [{ where, what: 'no --encryption-provider-config' }];
      return secretsProvider === 'identity' ? [{ where, what: `${path} has Secrets written as they are` }] : [];
    },
  },
  flagCheck(
    {
      name: 'api-static-tokens',
      title: 'No static tokens are believed',
      severity: 'medium',
      why: 'They never end, and are taken back only by a restart.',
      fix: 'Use certificates, service accounts or OpenID Connect instead of --token-auth-file.',
    },
    (flags) => (flags['token-auth-file'] === undefined ? undefined : `--token-auth-file=${flags['token-auth-file']}`),
  ),
  flagCheck(
    {
      name: 'api-kubelet-authority',
      title: 'The API server knows the kubelets that it connects to',
      severity: 'high',
      why: 'Who is between them reads and changes what exec, logs and port-forward carry.',
      fix: 'Start the API server with --kubelet-certificate-authority.',
    },
    (flags) =>
      flags['kubelet-certificate-authority'] === undefined ? 'no --kubelet-certificate-authority' : undefined,
  ),
  flagCheck(
    {
      name: 'api-etcd-tls',
      title: 'etcd is reached over TLS, with a certificate',
      severity: 'high',
      why: 'etcd holds everything, and lets in whom it can not tell apart.',
      fix: 'Give https:// URLs, --etcd-cafile, --etcd-certfile and --etcd-keyfile.',
    },
    (flags) => {
      const servers = flags['etcd-servers']?.split(',').filter(Boolean) ?? [];
      if (servers.length === 0) return undefined;
      const plain = servers.filter((url) => url.startsWith('http://'));
      if (plain.length > 0) return `${plain.join(', ')} without TLS`;
      return flags['etcd-certfile'] === undefined ? 'no --etcd-certfile' : undefined;
    },
  ),
  flagCheck(
    {
      name: 'api-token-lookup',
      title: 'Tokens end with what they stand for',
      severity: 'high',
      why: 'The token of a deleted service account is believed until it expires.',
      fix: 'Leave --service-account-lookup at true.',
    },
    (flags) => (flags['service-account-lookup'] === 'false' ? '--service-account-lookup=false' : undefined),
  ),
  {
    name: 'api-tls-version',
    title: 'The API server speaks TLS 1.2 and later only',
    severity: 'high',
    why: 'Older versions can be broken.',
    fix: 'Start the API server with --tls-min-version=VersionTLS12 or later.',
    look: ({ probes }: Facts) => probes.oldTls?.map((version): Deviation => ({ where, what: `speaks ${version}` })),
  },
];
