import { StoreError, type StoreErrorKind } from '../store.ts';

/**
 * What is certain about a request that failed. `refused`: etcd said no, and would again. `unsent`: it was not carried out and
 * never will be, and may be sent again. `unknown`: it may have been carried out, or still be.
 */
export type EtcdOutcome = 'refused' | 'unsent' | 'unknown';

/** A call that failed. */
export class EtcdCallError extends Error {
  readonly outcome: EtcdOutcome;
  /** What the store tells its caller if it does not try again. */
  readonly kind: StoreErrorKind;
  /** The token under which the call was made is not good any more. */
  readonly needsToken: boolean;
  /** The member answers, if not to this. */
  readonly answering: boolean;

  constructor(message: string, verdict: Partial<Verdict> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = 'EtcdCallError';
    this.outcome = verdict.outcome ?? 'unknown';
    this.kind = verdict.kind ?? 'unavailable';
    this.needsToken = verdict.needsToken ?? false;
    this.answering = verdict.answering ?? false;
  }
}

interface Verdict {
  readonly outcome: EtcdOutcome;
  readonly kind: StoreErrorKind;
  readonly needsToken: boolean;
  readonly answering: boolean;
}

/** What etcd's sentences mean. Source: etcd's api/v3rpc/rpctypes/error.go. */
const verdicts: readonly (readonly [RegExp, Partial<Verdict>])[] = [
  [/required revision has been compacted/, { outcome: 'refused', kind: 'compacted' }],
  [/required revision is a future revision/, { outcome: 'refused', kind: 'future' }],
  [/database space exceeded/, { outcome: 'refused', kind: 'full' }],
  [/request is too large|received message larger than max/, { outcome: 'refused', kind: 'tooLarge' }],
  [/corrupt cluster/, { outcome: 'refused', kind: 'corrupt' }],
  [/requested lease not found/, { outcome: 'refused', kind: 'notFound' }],
  [/invalid auth token|revision of auth store is old/, { outcome: 'unsent', needsToken: true }],
  [/etcdserver: (leader changed|request timed out)/, { answering: true }],
  // Said before anything was proposed to the other members.
  [/etcdserver: no leader|raft proposal dropped|too many requests|not capable/, { outcome: 'unsent' }],
  // Said by gRPC before anything left this process.
  [/No connection established|Name resolution failed|before call started/, { outcome: 'unsent' }],
];

/**
 * Codes by which a server says no to what was asked, whoever asks again: INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS,
 * PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED. Source: gRPC's status codes.
 */
const refusals: ReadonlySet<number> = new Set([3, 5, 6, 7, 9, 11, 12, 16]);

/** What the status with which a call to `endpoint` ended means. */
export function callErrorOf(code: number, text: string, endpoint: string): EtcdCallError {
  const known = verdicts.find(([pattern]) => pattern.test(text))?.[1];
  const verdict = known ?? (refusals.has(code) ? { outcome: 'refused' as const } : {});
  return new EtcdCallError(`etcd at ${endpoint}: ${text}`, verdict);
}

const advice: Partial<Record<StoreErrorKind, string>> = {
  full: 'compact and defragment etcd or raise its --quota-backend-bytes, then disarm its NOSPACE alarm',
  corrupt: 'a member of etcd disagrees with the others: replace it by an empty one',
};

/** The error for the store's caller, for a request that is not tried again. */
export function storeErrorOf(error: EtcdCallError): StoreError {
  const more = advice[error.kind];
  return new StoreError(error.kind, more === undefined ? error.message : `${error.message}; ${more}`, { cause: error });
}
