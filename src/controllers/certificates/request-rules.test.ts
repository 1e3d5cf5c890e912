import { describe, expect, test } from 'vitest';
import { requestRules } from './request-rules.ts';
import type { RequestFacts } from './request-rules.ts';
import { kubeProxySigner, signerNames } from './signer-names.ts';
import type { SignerName } from './signer-names.ts';

const node: RequestFacts = {
  commonName: 'system:node:a',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
};
const server: RequestFacts = { ...node, dnsNames: ['a'], ipAddresses: ['10.0.0.1'] };
const proxy: RequestFacts = { ...node, commonName: 'system:kube-proxy', organizations: ['system:node-proxier'] };
const anybody: RequestFacts = { ...node, commonName: 'ann', organizations: [] };
const clientUsages = ['digital signature', 'key encipherment', 'client auth'];
const serverUsages = ['digital signature', 'key encipherment', 'server auth'];
const clientMismatch = 'usages did not match [client auth digital signature key encipherment]';
const serverMismatch = 'usages did not match [digital signature key encipherment server auth]';

type Row = readonly [what: string, facts: RequestFacts, usages: readonly string[], fault: string | undefined];

const tables: Readonly<Record<SignerName, readonly Row[]>> = {
  [signerNames.kubeletServing]: [
    ['a kubelet', server, serverUsages, undefined],
    ['a kubelet whose key is not RSA', server, ['digital signature', 'server auth'], undefined],
    ['only a name', { ...server, ipAddresses: [] }, serverUsages, undefined],
    ['only an address', { ...server, dnsNames: [] }, serverUsages, undefined],
    ['no group', { ...server, organizations: [] }, serverUsages, 'subject organization is not system:nodes'],
    [
      'a group more',
      { ...server, organizations: ['system:nodes', 'system:masters'] },
      serverUsages,
      'subject organization is not system:nodes',
    ],
    ['no names', node, serverUsages, 'DNS or IP subjectAltName is required'],
    ['a mailbox', { ...server, emailAddresses: ['a@b'] }, serverUsages, 'Email subjectAltNames are not allowed'],
    ['a URI', { ...server, uris: ['spiffe://a'] }, serverUsages, 'URI subjectAltNames are not allowed'],
    ['a client', server, clientUsages, serverMismatch],
    ['a client besides', server, [...serverUsages, 'client auth'], serverMismatch],
    ['an authority', server, [...serverUsages, 'cert sign'], serverMismatch],
    ['no node', { ...server, commonName: 'ann' }, serverUsages, 'subject common name does not begin with system:node:'],
    [
      'nobody in particular',
      { ...server, commonName: undefined },
      serverUsages,
      'subject common name does not begin with system:node:',
    ],
  ],
  [signerNames.kubeletClient]: [
    ['a kubelet', node, clientUsages, undefined],
    ['a kubelet whose key is not RSA', node, ['digital signature', 'client auth'], undefined],
    ['no group', { ...node, organizations: [] }, clientUsages, 'subject organization is not system:nodes'],
    [
      'another group',
      { ...node, organizations: ['system:masters'] },
      clientUsages,
      'subject organization is not system:nodes',
    ],
    ['a name', { ...node, dnsNames: ['a'] }, clientUsages, 'DNS subjectAltNames are not allowed'],
    ['a mailbox', { ...node, emailAddresses: ['a@b'] }, clientUsages, 'Email subjectAltNames are not allowed'],
    ['an address', { ...node, ipAddresses: ['10.0.0.1'] }, clientUsages, 'IP subjectAltNames are not allowed'],
    ['a URI', { ...node, uris: ['a://b'] }, clientUsages, 'URI subjectAltNames are not allowed'],
    [
      'no node',
      { ...node, commonName: 'system:admin' },
      clientUsages,
      'subject common name does not begin with system:node:',
    ],
    ['a server', node, serverUsages, clientMismatch],
    ['no signatures', node, ['client auth', 'key encipherment'], clientMismatch],
  ],
  [signerNames.apiServerClient]: [
    ['a client', anybody, ['client auth'], undefined],
    ['a client with all that it may', anybody, clientUsages, undefined],
    ['a server', anybody, ['server auth'], 'invalid usage for client certificate: server auth'],
    ['an authority', anybody, ['client auth', 'cert sign'], 'invalid usage for client certificate: cert sign'],
    ['no client', anybody, ['digital signature'], 'missing required usage for client certificate: client auth'],
  ],
  [signerNames.legacyUnknown]: [['whatever it is', anybody, ['any'], undefined]],
  [kubeProxySigner]: [
    ['a proxy', proxy, clientUsages, undefined],
    [
      'an administrator',
      { ...proxy, organizations: ['system:masters'] },
      clientUsages,
      'subject is not system:kube-proxy of system:node-proxier',
    ],
    [
      'a node',
      { ...proxy, commonName: 'system:node:a' },
      clientUsages,
      'subject is not system:kube-proxy of system:node-proxier',
    ],
    ['a name', { ...proxy, dnsNames: ['a'] }, clientUsages, 'subjectAltNames are not allowed'],
    ['a server', proxy, serverUsages, clientMismatch],
  ],
};

for (const [signer, rows] of Object.entries(tables) as [SignerName, readonly Row[]][]) {
  describe(`the signer ${signer} is asked for a certificate of`, () => {
    test.each(rows)('%s', (_, facts, usages, fault) => {
      expect(requestRules[signer](facts, usages)).toBe(fault);
    });
  });
}
