import { CertificateSigningRequest } from '../../../api/certificates/certificate-signing-request.ts';
import type { TestCluster } from '../../../distro/testing/test-cluster.ts';
import { createCertificateRequest } from '../../../machinery/x509/certificate-request.ts';
import type { RequestedSubject } from '../../../machinery/x509/certificate-request.ts';

/** Who asks for what. */
export interface Asking {
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly signerName: string;
  readonly subject: RequestedSubject;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
}

/** A kubelet's user. */
export const nodeUser = (name: string) => ({
  name: `system:node:${name}`,
  groups: ['system:nodes', 'system:authenticated'],
});

/** Creates a request as its user, and lets everybody react. Returns it as it is then, with its key. */
export async function ask(c: TestCluster, { user, signerName, subject, usages, expirationSeconds }: Asking) {
  const { request, key } = await createCertificateRequest(subject);
  const created = await c.server.client(user).create(CertificateSigningRequest, {
    metadata: { generateName: 'csr-' },
    spec: {
      request: btoa(request),
      signerName,
      usages,
      ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
    },
  });
  const look = async () => {
    await c.rest();
    const found = await c.find(created);
    if (!found) throw new Error('the request is gone');
    return found;
  };
  await c.rest();
  return { key, look, name: created.metadata.name };
}

/** The types of a request's conditions, each with its message. */
export function decisions({ status }: CertificateSigningRequest): Readonly<Record<string, string>> {
  return Object.fromEntries((status.conditions ?? []).map(({ type, message = '' }) => [type, message]));
}
