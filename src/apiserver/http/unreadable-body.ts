/** What clients are told of bodies that can't be read. Source: apiserver's transformDecodeError, serializer/json's meta.go. */
import { StatusError, messageOf } from '../../base/errors.ts';
import { goJsonError } from '../../machinery/go-json-error.ts';
import type { Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { badRequest } from '../resources/api-errors.ts';

const headerType = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

/** How much of a body is shown. */
const shown = 30;

/** The error of a body in which no object of a kind was recognized; the reason alone where any kind would have done. */
export function unrecognized(resource: Resource | undefined, reason: string, body: Uint8Array): StatusError {
  return badRequest(
    resource
      ? `the object provided is unrecognized (must be of type ${resource.kind}): ${reason} (${summaryOf(body)})`
      : reason,
  );
}

function summaryOf(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const start = Buffer.from(body.subarray(0, shown)).toString(body[0] === 0x7b ? 'utf8' : 'hex');
  return body.length > shown ? `${start} ...` : start;
}

/** Why a text is no JSON, as Go says it. */
export function jsonFault(text: string, error: unknown): string {
  return error instanceof SyntaxError ? goJsonError(text) : messageOf(error);
}

/** Why the kind of a document can't be told; undefined when it can. */
export function headerFault(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isJsonObject(value))
    return headerReason(`json: cannot unmarshal ${goTypeOf(value)} into Go value of type ${headerType}`);
  for (const name of ['apiVersion', 'kind']) {
    const member = value[name];
    if (member === undefined || member === null || typeof member === 'string') continue;
    return headerReason(`json: cannot unmarshal ${goTypeOf(member)} into Go struct field .${name} of type string`);
  }
  return undefined;
}

/** The reason for which the kind of a document could not be told. */
export function headerReason(fault: string): string {
  return `couldn't get version/kind; json parse error: ${fault}`;
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The reason of a StatusError or any other error, without more. */
export function reasonOf(error: unknown): string {
  return error instanceof StatusError ? error.message : messageOf(error);
}
