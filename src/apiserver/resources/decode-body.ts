/** From a request's body to an object of the kind that its path names. */
import { decodeObject } from '../../machinery/decode.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { badRequest, invalidError } from './api-errors.ts';
import type { Draft, RequestBody, WriteRequest } from './handler-context.ts';

/**
 * Decodes a body. Unknown and duplicate fields are errors, warnings or nothing, as the client wishes. Throws BadRequest for
 * another kind than `resource`, and for values of the wrong type.
 */
export function decodeBody(resource: Resource, body: RequestBody, request: WriteRequest): Draft {
  const value = body.value(resource.schema);
  checkKind(resource, value);
  const { object, unknown } = decodeObject(resource, value);
  const problems = [...body.duplicates, ...unknown];
  if (problems.length > 0) {
    if (request.fieldValidation === 'Strict') throw strictError(resource, problems);
    if (request.fieldValidation === 'Warn') request.warnings.push(...problems);
  }
  return object;
}

/** Source: apiserver's transformDecodeError around runtime.NewStrictDecodingError. */
function strictError(resource: Resource, problems: readonly string[]): Error {
  const { kind, version } = resource;
  return badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: strict decoding error: ${problems.join(', ')}`,
  );
}

function checkKind(resource: Resource, value: unknown): void {
  if (!isJsonObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`);
  const { apiVersion = '', kind = '' } = value;
  if (kind !== '' && kind !== resource.kind) {
    if (resource.custom && apiVersion === resource.apiVersion) {
      const errors = [invalid('kind', kind, `must be ${resource.kind}`)];
      throw invalidError(resource, nameOf(value), errors);
    }
    throw badRequest(
      `${textOf(kind)} in version ${JSON.stringify(versionOf(apiVersion))} cannot be handled as a ${resource.kind}: no kind ${JSON.stringify(kind)} is served under this path`,
    );
  }
  if (apiVersion !== '' && apiVersion !== resource.apiVersion && !isFormer(resource, apiVersion)) {
    throw badRequest(
      `the API version in the data (${textOf(apiVersion)}) does not match the expected API version (${resource.apiVersion})`,
    );
  }
}

function isFormer({ group, formerVersions = [] }: Resource, apiVersion: unknown): boolean {
  return formerVersions.some((version) => apiVersion === `${group}/${version}`);
}

function nameOf({ metadata }: Readonly<Record<string, unknown>>): string {
  const name = isJsonObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function versionOf(apiVersion: unknown): string {
  return textOf(apiVersion).split('/').at(-1) ?? '';
}
