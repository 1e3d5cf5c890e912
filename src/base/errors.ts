/** The API's machine-readable error reasons (metav1.StatusReason), with the HTTP code each travels under. */
export const reasonCodes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  ServerTimeout: 500,
  Timeout: 504,
} as const;

/** Why a request failed; clients branch on it. Source: metav1.StatusReason. */
export type StatusReason = keyof typeof reasonCodes | 'Unknown' | '';

/** One part of a failure, such as one invalid field. Source: metav1.StatusCause. */
export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

/** What a failure is about. Source: metav1.StatusDetails. */
export interface StatusDetails {
  readonly name?: string | undefined;
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly uid?: string | undefined;
  readonly causes?: readonly StatusCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** The body of every failed API request. Source: metav1.Status. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status?: 'Success' | 'Failure' | undefined;
  readonly message?: string | undefined;
  readonly reason?: StatusReason | undefined;
  readonly details?: StatusDetails | undefined;
  readonly code?: number | undefined;
}

/** Options of a `StatusError`; `code` overrides the reason's usual HTTP code. */
export interface StatusErrorOptions {
  readonly details?: StatusDetails | undefined;
  readonly code?: number | undefined;
  /** The list metadata of the Status: a `continue` token with which to go on in spite of the failure. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The one error of the API: thrown by the server, returned by every client. Branch on `reason`. */
export class StatusError extends Error {
  readonly reason: StatusReason;
  readonly code: number;
  readonly details: StatusDetails | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;

  constructor(reason: StatusReason, message: string, options: StatusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StatusError';
    this.reason = reason;
    this.code = options.code ?? (reason in reasonCodes ? reasonCodes[reason as keyof typeof reasonCodes] : 500);
    this.details = options.details;
    this.metadata = options.metadata ?? {};
  }

  /** The metav1.Status that says the same over the wire. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** The error that a received metav1.Status body stands for. */
  static fromStatus(status: Status): StatusError {
    return new StatusError(status.reason ?? 'Unknown', status.message ?? 'unknown error', {
      details: status.details,
      code: status.code,
      metadata: status.metadata,
    });
  }
}

/** Names a resource in an error: `pods`, or `deployments.apps` outside the core group. */
export function qualifiedResource(group: string, plural: string): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** Whether `error` is a StatusError of one of the given reasons. */
export function hasReason(error: unknown, ...reasons: StatusReason[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason);
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
