import { hasReason } from '../../base/errors.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { defineController, defineIndex, done, watched } from '../../client/controller.ts';
import type { Controller, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';

/** The type of secrets that hold a service account's token for ever. */
export const tokenSecretType = 'kubernetes.io/service-account-token';
/** Annotations of such a secret that say whose it is. */
export const nameAnnotation = 'kubernetes.io/service-account.name';
/** See `nameAnnotation`. */
export const uidAnnotation = 'kubernetes.io/service-account.uid';

/** For whom a token is signed. */
export interface TokenSubject {
  readonly namespace: string;
  readonly serviceAccount: { readonly name: string; readonly uid: string };
  readonly secret: { readonly name: string; readonly uid: string };
}

/** Options of `tokenSecretController`. */
export interface TokenSecretOptions {
  /** PEM of the API server's CA. */
  ca(): string;
  /** Signs a token that does not expire. */
  sign(subject: TokenSubject): Promise<string>;
}

const secretsByAccount = defineIndex(Secret, 'service-account', (secret) => {
  const name = accountName(secret);
  return name === undefined ? [] : [`${secret.metadata.namespace}/${name}`];
});

/** Fills secrets of the type service-account-token, and deletes them when their service account is gone. */
export function tokenSecretController(options: TokenSecretOptions): Controller {
  return defineController({
    name: 'tokens-controller',
    for: Secret,
    rbac: { secrets: ['delete', 'get', 'list', 'update', 'watch'], serviceaccounts: ['get', 'list', 'watch'] },
    watches: [
      watched(ServiceAccount, (account, { cache }) =>
        cache
          .byIndex(Secret, secretsByAccount.name, `${account.metadata.namespace}/${account.metadata.name}`)
          .map(keyOf),
      ),
    ],
    indexes: [secretsByAccount],
    async reconcile(key, context) {
      const secret = context.cache.get(Secret, key);
      const name = secret && accountName(secret);
      if (!secret || name === undefined || secret.metadata.deletionTimestamp !== undefined) return done;
      const account = await findAccount(secret, name, context);
      const uid = secret.metadata.annotations?.[uidAnnotation];
      if (!account || (uid !== undefined && uid !== account.metadata.uid)) await remove(secret, context);
      else if (!isComplete(secret, options.ca())) await fill(secret, account, { options, context });
      return done;
    },
  });
}

function accountName({ type, metadata }: Secret): string | undefined {
  return type === tokenSecretType ? metadata.annotations?.[nameAnnotation] : undefined;
}

/** The cache may be behind a service account that was created just before its secret. */
async function findAccount(
  secret: Secret,
  name: string,
  { cache, client, signal }: ControllerContext,
): Promise<ServiceAccount | undefined> {
  const key = { namespace: secret.metadata.namespace, name };
  const known = cache.get(ServiceAccount, key);
  if (known) return known;
  try {
    return await client.get(ServiceAccount, key, { signal });
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function remove(secret: Secret, { client, signal }: ControllerContext): Promise<void> {
  const { uid, resourceVersion } = secret.metadata;
  try {
    await client.delete(Secret, keyOf(secret), { preconditions: { uid, resourceVersion }, signal });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}

function isComplete({ data = {}, metadata }: Secret, ca: string): boolean {
  const filled = data['token'] !== undefined && data['namespace'] !== undefined && data['ca.crt'] === encode(ca);
  return filled && metadata.annotations?.[uidAnnotation] !== undefined;
}

async function fill(
  secret: Secret,
  account: ServiceAccount,
  { options, context }: { readonly options: TokenSecretOptions; readonly context: ControllerContext },
): Promise<void> {
  const { namespace = '', name, uid } = secret.metadata;
  const serviceAccount = { name: account.metadata.name, uid: account.metadata.uid };
  const token =
    secret.data?.['token'] ?? encode(await options.sign({ namespace, serviceAccount, secret: { name, uid } }));
  const data = { ...secret.data, token, 'ca.crt': encode(options.ca()), namespace: encode(namespace) };
  const annotations = { ...secret.metadata.annotations, [uidAnnotation]: serviceAccount.uid };
  await context.client.update(
    Secret,
    { ...secret, metadata: { ...secret.metadata, annotations }, data },
    { signal: context.signal },
  );
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}
