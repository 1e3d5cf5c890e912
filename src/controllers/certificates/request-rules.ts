import type { ParsedRequest } from '../../machinery/x509/certificate-request.ts';
import { kubeProxySigner, signerNames } from './signer-names.ts';
import type { SignerName } from './signer-names.ts';

/** Of a request what rules look at. */
export type RequestFacts = Omit<ParsedRequest, 'raw'>;

/** Why a request does not suit its signer, in upstream's words; undefined when it does. */
export type RequestRule = (request: RequestFacts, usages: readonly string[]) => string | undefined;

/** The group of all kubelets. */
export const nodesGroup = 'system:nodes';
/** Begins the name of a kubelet's user; the node's name follows. */
export const nodePrefix = 'system:node:';
/** Who all proxies are. */
export const kubeProxySubject = { commonName: 'system:kube-proxy', organizations: ['system:node-proxier'] } as const;
const serving = ['digital signature', 'key encipherment', 'server auth'];
const client = ['client auth', 'digital signature', 'key encipherment'];

/** A kubelet's serving certificate. Source: kubernetes' ValidateKubeletServingCSR. */
export const kubeletServingRule: RequestRule = (request, usages) => {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return usagesFault(usages, serving) ?? commonNameFault(request);
};

/** A kubelet's client certificate. Source: kubernetes' ValidateKubeletClientCSR. */
export const kubeletClientRule: RequestRule = (request, usages) => {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return commonNameFault(request) ?? usagesFault(usages, client);
};

/** Any client certificate. Source: kubernetes' validAPIServerClientUsages. */
const apiServerClientRule: RequestRule = (_request, usages) => {
  const wrong = usages.find((usage) => !client.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
};

/** The proxies' client certificate: one subject, no names. */
const kubeProxyRule: RequestRule = (request, usages) => {
  const isProxy = request.commonName === kubeProxySubject.commonName;
  const isOfProxies = request.organizations.join() === kubeProxySubject.organizations.join();
  if (!isProxy || !isOfProxies) return 'subject is not system:kube-proxy of system:node-proxier';
  const { dnsNames, ipAddresses, emailAddresses, uris } = request;
  if (dnsNames.length + ipAddresses.length + emailAddresses.length + uris.length > 0)
    return 'subjectAltNames are not allowed';
  return usagesFault(usages, client);
};

/** What each signer asks of a request. */
export const requestRules: Readonly<Record<SignerName, RequestRule>> = {
  [signerNames.apiServerClient]: apiServerClientRule,
  [signerNames.kubeletClient]: kubeletClientRule,
  [signerNames.kubeletServing]: kubeletServingRule,
  [signerNames.legacyUnknown]: () => undefined,
  [kubeProxySigner]: kubeProxyRule,
};

function isOfNodes({ organizations }: RequestFacts): boolean {
  return organizations.length === 1 && organizations[0] === nodesGroup;
}

function commonNameFault({ commonName = '' }: RequestFacts): string | undefined {
  return commonName.startsWith(nodePrefix) ? undefined : 'subject common name does not begin with system:node:';
}

/** Keys that are not RSA do not encipher other keys. */
function usagesFault(usages: readonly string[], required: readonly string[]): string | undefined {
  const given = new Set(usages);
  const covers = (wanted: readonly string[]): boolean =>
    wanted.length === given.size && wanted.every((usage) => given.has(usage));
  return covers(required) || covers(required.filter((usage) => usage !== 'key encipherment'))
    ? undefined
    : `usages did not match [${required.join(' ')}]`;
}
