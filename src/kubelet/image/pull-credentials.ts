import type { Secret } from '../../api/core/secret.ts';
import type { RegistryAuth } from '../cri/container-runtime.ts';
import { parseImageName } from './image-name.ts';

interface Entry {
  readonly registry: string;
  readonly auth: RegistryAuth;
}

/** Credentials that fit an image, best first, out of a pod's imagePullSecrets. Unreadable secrets are skipped. */
export function credentialsFor(image: string, secrets: readonly Secret[]): readonly RegistryAuth[] {
  const parsed = parseImageName(image);
  if (!parsed) return [];
  const full = `${parsed.registry}/${parsed.repository}`;
  return secrets
    .flatMap(entriesOf)
    .filter(({ registry }) => fits(registry, full))
    .sort((a, b) => b.registry.length - a.registry.length)
    .map(({ auth }) => auth);
}

function entriesOf(secret: Secret): readonly Entry[] {
  const config = decodeJson(secret.data?.['.dockerconfigjson']);
  const legacy = decodeJson(secret.data?.['.dockercfg']);
  const auths = recordOf(recordOf(config)['auths'] ?? legacy);
  return Object.entries(auths).map(([key, value]) => ({
    registry: normalise(key),
    auth: authOf(recordOf(value), key),
  }));
}

function authOf(entry: Readonly<Record<string, unknown>>, serverAddress: string): RegistryAuth {
  const text = (name: string): string | undefined => (typeof entry[name] === 'string' ? entry[name] : undefined);
  const [user, ...password] = Buffer.from(text('auth') ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const username = text('username') ?? (user || undefined);
  const secret = text('password') ?? (password.length > 0 ? password.join(':') : undefined);
  const identityToken = text('identitytoken');
  return { username, password: secret, serverAddress, ...(identityToken ? { identityToken } : {}) };
}

function normalise(key: string): string {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '');
  return bare === 'index.docker.io' || bare === 'registry-1.docker.io' ? 'docker.io' : bare;
}

/** Host parts may hold `*`; a path must be a prefix. */
function fits(registry: string, image: string): boolean {
  const [host = '', ...path] = registry.split('/');
  const [imageHost = '', ...imagePath] = image.split('/');
  const pattern = new RegExp(`^${host.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*')}$`);
  return pattern.test(imageHost) && path.every((part, index) => imagePath[index] === part);
}

function decodeJson(base64: string | undefined): unknown {
  if (base64 === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
