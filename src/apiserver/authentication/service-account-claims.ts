/** What a service account token says. Source: kubernetes' serviceaccount/claims. */
import { isJsonObject } from '../../machinery/schema.ts';

/** A named object as a token mentions it; of nodes that were gone the uid is missing. */
export interface ClaimedObject {
  readonly name: string;
  readonly uid?: string | undefined;
}

/** The private claims, under `kubernetes.io`. */
export interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: ClaimedObject;
  readonly pod?: ClaimedObject | undefined;
  readonly secret?: ClaimedObject | undefined;
  readonly node?: ClaimedObject | undefined;
}

/** The claims of a verified token; times in seconds. */
export interface TokenClaims {
  readonly kubernetes: KubernetesClaims;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiry: number;
  readonly notBefore: number;
  readonly issuedAt: number;
  readonly warnAfter: number | undefined;
  readonly id: string | undefined;
}

/** Reads the claims of a token's payload; undefined when they are not those of a service account. */
export function parseClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | undefined {
  const own = payload['kubernetes.io'];
  if (!isJsonObject(own) || typeof own['namespace'] !== 'string') return undefined;
  const serviceaccount = claimedObject(own['serviceaccount']);
  if (!serviceaccount) return undefined;
  const audience = payload['aud'];
  return {
    kubernetes: {
      namespace: own['namespace'],
      serviceaccount,
      pod: claimedObject(own['pod']),
      secret: claimedObject(own['secret']),
      node: claimedObject(own['node']),
    },
    subject: typeof payload['sub'] === 'string' ? payload['sub'] : '',
    audiences: (Array.isArray(audience) ? audience : [audience]).filter((item) => typeof item === 'string'),
    expiry: numberOr(payload['exp'], 0),
    notBefore: numberOr(payload['nbf'], 0),
    issuedAt: numberOr(payload['iat'], 0),
    warnAfter: typeof own['warnafter'] === 'number' ? own['warnafter'] : undefined,
    id: typeof payload['jti'] === 'string' && payload['jti'] !== '' ? payload['jti'] : undefined,
  };
}

function claimedObject(value: unknown): ClaimedObject | undefined {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') return undefined;
  const { name, uid } = value;
  return typeof uid === 'string' && uid !== '' ? { name, uid } : { name };
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
