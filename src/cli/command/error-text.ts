import { StatusError, messageOf } from '../../base/errors.ts';
import type { StatusCause, StatusDetails } from '../../base/errors.ts';
import { CommandError, CommandErrors, ConnectionError, ExitStatus } from './command-error.ts';

/** What a failed command prints on stderr, and its exit code. Source: kubectl's cmd/util CheckErr. */
export function errorReport(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof ExitStatus) return { text: '', exitCode: error.exitCode };
  if (error instanceof CommandErrors) {
    return {
      text: error.errors.map((one) => (one instanceof StatusError ? statusText(one) : messageOf(one))).join('\n'),
      exitCode: 1,
    };
  }
  if (error instanceof StatusError && error.reason === 'Invalid') return { text: invalidText(error), exitCode: 1 };
  return { text: messageLine(error), exitCode: error instanceof CommandError ? error.exitCode : 1 };
}

/** The same error, its message led by what was being done; reason and code stay. */
export function withContext(context: string, error: unknown): unknown {
  const message = `${context}: ${messageOf(error)}`;
  if (error instanceof StatusError) {
    return new StatusError(error.reason, message, { details: error.details, code: error.code, cause: error });
  }
  return error instanceof ConnectionError ? error : new CommandError(message, { cause: error });
}

function messageLine(error: unknown): string {
  if (error instanceof StatusError) return statusText(error);
  if (error instanceof ConnectionError) {
    return error.refused
      ? `The connection to the server ${error.host} was refused - did you specify the right host or port?`
      : `Unable to connect to the server: ${error.message}`;
  }
  const message = messageOf(error);
  const plain = (error instanceof CommandError && error.plain) || message.startsWith('error: ');
  return plain ? message : `error: ${message}`;
}

function statusText(error: StatusError): string {
  if (error.reason === 'Unauthorized') return `error: You must be logged in to the server (${error.message})`;
  const known = error.reason !== '' && error.reason !== 'Unknown';
  return known ? `Error from server (${error.reason}): ${error.message}` : `Error from server: ${error.message}`;
}

function invalidText(error: StatusError): string {
  const details = error.details;
  if (details === undefined) return `The request is invalid${error.message ? `: ${error.message}` : ''}`;
  const causes = details.causes ?? [];
  const subject = invalidSubject(error, details);
  if (causes.length === 0) return subject;
  if (causes.length === 1) return `${subject}: ${causeText(causes[0]!)}`;
  return `${subject}: \n${unique(causes.map(causeText))
    .map((line) => `* ${line}`)
    .join('\n')}`;
}

function invalidSubject(error: StatusError, details: StatusDetails): string {
  if (details.kind || details.name) {
    return `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`;
  }
  const alone = error.message && (details.causes ?? []).length === 0;
  return alone ? `The request is invalid: ${error.message}` : 'The request is invalid';
}

function causeText(cause: StatusCause): string {
  return `${cause.field ?? ''}: ${cause.message ?? ''}`;
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}
