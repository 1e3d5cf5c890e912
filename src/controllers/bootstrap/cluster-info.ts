import { CompactSign } from 'jose';

/** The ConfigMap by which nodes that join learn of the cluster; anybody may read it. */
export const clusterInfo = { namespace: 'kube-public', name: 'cluster-info' } as const;
const kubeconfigKey = 'kubeconfig';
const signaturePrefix = 'jws-kubeconfig-';

/** A token with which the ConfigMap is signed. */
export interface SigningToken {
  readonly id: string;
  readonly secret: string;
}

/** The data of the ConfigMap with a signature for each token, and no other; undefined where there is nothing to sign. */
export async function signedData(
  data: Readonly<Record<string, string>>,
  tokens: readonly SigningToken[],
): Promise<Record<string, string> | undefined> {
  const content = data[kubeconfigKey];
  if (content === undefined) return undefined;
  const rest = Object.entries(data).filter(([key]) => !key.startsWith(signaturePrefix));
  const signatures = tokens.map(
    async (token) => [`${signaturePrefix}${token.id}`, await detachedSignature(content, token)] as const,
  );
  return Object.fromEntries([...rest, ...(await Promise.all(signatures))]);
}

/**
 * A JWS over `content` that leaves it out, keyed with the token's secret. Source: RFC 7515, appendix F; kubernetes'
 * cluster-bootstrap/token/jws, which fills the key up with zeros to 32 bytes.
 */
export async function detachedSignature(content: string, { id, secret }: SigningToken): Promise<string> {
  const key = Buffer.alloc(Math.max(32, Buffer.byteLength(secret)));
  key.write(secret);
  const jws = await new CompactSign(Buffer.from(content)).setProtectedHeader({ alg: 'HS256', kid: id }).sign(key);
  const [header = '', , signature = ''] = jws.split('.');
  return `${header}..${signature}`;
}
