import { StatusError, reasonCodes } from '../base/errors.ts';
import type { Status, StatusReason } from '../base/errors.ts';
import type { RawResponse } from './http-transport.ts';
import { readText } from './read-text.ts';

/** The error that a failed response stands for: its Status body, or what its code and text say. */
export async function statusErrorOf(response: RawResponse): Promise<StatusError> {
  const text = await readText(response.body);
  const status = parseStatus(text);
  if (status) return StatusError.fromStatus({ code: response.status, ...status });
  const message = text.trim() === '' ? `the server answered ${response.status}` : text.trim();
  return new StatusError(reasonOf(response.status), message, { code: response.status });
}

function parseStatus(text: string): Status | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isStatus(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a parsed body is a Status. */
export function isStatus(body: unknown): body is Status {
  return typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status';
}

function reasonOf(code: number): StatusReason {
  const found = Object.entries(reasonCodes).find(([, value]) => value === code);
  return (found?.[0] as StatusReason | undefined) ?? 'Unknown';
}
