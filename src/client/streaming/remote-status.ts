import { messageOf, StatusError } from '../../base/errors.ts';
import type { StatusDetails } from '../../base/errors.ts';
import { parseStatus } from './upgrade-request.ts';

/** How a remote command ended: a metav1.Status whose reasons include remotecommand's NonZeroExitCode. */
export interface RemoteStatus {
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly metadata: Record<string, unknown>;
  readonly status: 'Success' | 'Failure';
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly details?: StatusDetails | undefined;
  readonly code?: number | undefined;
}

/** The command ended with exit code 0, or the client detached. */
export const remoteSuccess: RemoteStatus = { metadata: {}, status: 'Success' };

/** The command ended with `code`. */
export function remoteExit(code: number): RemoteStatus {
  if (code === 0) return remoteSuccess;
  return {
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
  };
}

/** The command could not be run or its connection broke. */
export function remoteFailure(error: unknown): RemoteStatus {
  const failure = error instanceof StatusError ? error : new StatusError('InternalError', messageOf(error));
  const { reason, message, details, code } = failure.toStatus();
  return { metadata: {}, status: 'Failure', reason, message, details, code };
}

/** The exit code that a status states; undefined when the command itself did not end. */
export function exitCodeOf(status: RemoteStatus): number | undefined {
  if (status.status === 'Success') return 0;
  if (status.reason !== 'NonZeroExitCode') return undefined;
  const code = Number(status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message);
  return Number.isInteger(code) ? code : undefined;
}

/** Reads the error channel: a Status from protocol version 4 on, before that the bare message of a failure. */
export function decodeRemoteStatus(text: string): RemoteStatus {
  if (text === '') return remoteSuccess;
  const status = parseStatus(text);
  return status ? { ...status, status: status.status ?? 'Failure' } : remoteFailure(new Error(text));
}

/** Writes the error channel; `json` from protocol version 4 on. Empty when nothing is to be sent. */
export function encodeRemoteStatus(status: RemoteStatus, json: boolean): string {
  if (json) return JSON.stringify(status);
  return status.status === 'Success' ? '' : (status.message ?? 'unknown error');
}
