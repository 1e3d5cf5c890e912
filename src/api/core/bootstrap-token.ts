/** Secrets that hold tokens with which nodes join. Source: kubernetes' cluster-bootstrap. */
import type { Secret } from './secret.ts';

/** The type of such secrets. */
export const bootstrapTokenType = 'bootstrap.kubernetes.io/token';
/** Begins their names; the token's ID follows. */
export const bootstrapTokenPrefix = 'bootstrap-token-';
/** Where they are looked for. */
export const bootstrapTokenNamespace = 'kube-system';

/** What a token may be used for. */
export type BootstrapTokenUsage = 'authentication' | 'signing';

/** A token of a secret that is well formed. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** Wall-clock milliseconds; undefined: it lasts, and -Infinity where nobody can read when. */
  readonly expires: number | undefined;
  /** Comma-separated, as it stands there. */
  readonly extraGroups: string;
  readonly usages: ReadonlySet<BootstrapTokenUsage>;
}

/** The token that a secret holds; undefined when it is no such secret. The fields are not checked. */
export function bootstrapTokenOf({ metadata, type, data }: Secret): BootstrapToken | undefined {
  const isThere = metadata.namespace === bootstrapTokenNamespace && metadata.deletionTimestamp === undefined;
  if (!isThere || type !== bootstrapTokenType || data === undefined) return undefined;
  const field = (name: string): string => atob(data[name] ?? '');
  const used = (usage: BootstrapTokenUsage): readonly BootstrapTokenUsage[] =>
    field(`usage-bootstrap-${usage}`) === 'true' ? [usage] : [];
  return {
    id: field('token-id'),
    secret: field('token-secret'),
    expires: expiry(field('expiration')),
    extraGroups: field('auth-extra-groups'),
    usages: new Set([...used('authentication'), ...used('signing')]),
  };
}

/** Whether a token is past its time. */
export function hasExpired({ expires }: BootstrapToken, now: number): boolean {
  return expires !== undefined && expires <= now;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function expiry(text: string): number | undefined {
  if (text === '') return undefined;
  const time = rfc3339.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? -Infinity : time;
}
