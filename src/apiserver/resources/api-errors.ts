/** The errors of the generic resource handlers, worded as upstream words them. Source: apimachinery pkg/api/errors. */
import { StatusError, messageOf } from '../../base/errors.ts';
import { fieldErrorBody, fieldErrorText } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import type { Resource } from '../../machinery/resource.ts';
import { StoreError } from '../../store/store.ts';

type Named = Pick<Resource, 'qualified' | 'group' | 'plural' | 'kind'>;

const detailsOf = (resource: Named, name: string): { name?: string; group?: string; kind: string } => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural,
});

/** `pods "x" not found` */
export function notFoundError(resource: Named, name: string): StatusError {
  const details = detailsOf(resource, name);
  return new StatusError('NotFound', `${resource.qualified} ${JSON.stringify(name)} not found`, { details });
}

/** `pods "x" already exists` */
export function alreadyExistsError(resource: Named, name: string): StatusError {
  const details = detailsOf(resource, name);
  return new StatusError('AlreadyExists', `${resource.qualified} ${JSON.stringify(name)} already exists`, { details });
}

/** `Operation cannot be fulfilled on pods "x": …` */
export function conflictError(resource: Named, name: string, detail = modified): StatusError {
  const message = `Operation cannot be fulfilled on ${resource.qualified} ${JSON.stringify(name)}: ${detail}`;
  return new StatusError('Conflict', message, { details: detailsOf(resource, name) });
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again';

/** `Deployment.apps "x" is invalid: [a, b]` */
export function invalidError(resource: Named, name: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map(fieldErrorText);
  const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
  const message = `${kind} ${JSON.stringify(name)} is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;
  const causes = errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: error.field }));
  return new StatusError('Invalid', message, {
    details: { ...detailsOf(resource, name), kind: resource.kind, causes },
  });
}

/** The failure of a generated name, when others were taken as well. Source: apimachinery's NewGenerateNameConflict. */
export function nameNotGenerated(resource: Named, name: string): StatusError {
  const message = `${resource.qualified} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`;
  return new StatusError('AlreadyExists', message, { details: { ...detailsOf(resource, name), retryAfterSeconds: 1 } });
}

/** The failure of a request whose options make no sense: `ListOptions.meta.k8s.io "" is invalid: …` */
export function invalidOptions(kind: string, errors: readonly FieldError[]): StatusError {
  const texts = errors.map(fieldErrorText);
  const causes = errors.map((error) => ({ reason: error.type, message: fieldErrorBody(error), field: error.field }));
  return new StatusError(
    'Invalid',
    `${kind}.meta.k8s.io "" is invalid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    { details: { group: 'meta.k8s.io', kind, causes } },
  );
}

/** The failure of a patch that makes no object of its kind. Source: apimachinery's NewInvalid, for no kind and no name. */
export function invalidPatch(error: FieldError, cause: unknown): StatusError {
  const causes = [{ reason: error.type, message: fieldErrorBody(error), field: error.field }];
  return new StatusError('Invalid', ` "" is invalid: ${fieldErrorText(error)}`, { details: { causes }, cause });
}

/** A plain 400. */
export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message);
}

/** What a verb that a resource does not have answers. Source: apimachinery's NewGenericServerResponse. */
export function methodNotSupported(): StatusError {
  return new StatusError('MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  });
}

/** What a path that is not served answers. */
export function notServedError(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
}

/**
 * What the store's failures are to clients; conflicts and the like are handled before. Texts that clients look for are etcd's,
 * whichever store it is. Only what surely was not done may be tried again by itself: it says when.
 */
export function storeFailure(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const cause = { cause: error };
  switch (error.kind) {
    case 'compacted':
    case 'future':
      return new StatusError('Expired', expired, cause);
    case 'tooLarge':
      return new StatusError('', 'etcdserver: request is too large', cause);
    case 'uncertain':
      return new StatusError('', etcdText(error, 'etcdserver: request timed out'), cause);
    case 'unavailable':
    case 'busy':
      return new StatusError('ServiceUnavailable', internal(error), { details: { retryAfterSeconds: 1 }, ...cause });
    default:
      return new StatusError('InternalError', internal(error), cause);
  }
}

function internal(error: StoreError): string {
  return `Internal error occurred: ${messageOf(error)}`;
}

function etcdText(error: StoreError, text: string): string {
  const message = messageOf(error);
  return message.includes(text) ? message : `${text}: ${message}`;
}

const expired = 'The resourceVersion for the provided list is too old.';

/** The failure of a list whose version is gone, with a token by which the rest can be had as it is now. */
export function continueExpired(inconsistent: string, cause: unknown): StatusError {
  return new StatusError('Expired', continueTooOld, { metadata: { continue: inconsistent }, cause });
}

/** Source: apiserver's storage/etcd3 handleCompactedErrorForPaging. */
const continueTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Whether the store refused for one of these reasons. */
export function refusedAs(error: unknown, ...kinds: StoreError['kind'][]): boolean {
  return error instanceof StoreError && kinds.includes(error.kind);
}

/** Whether the server itself has refused something, be it for what an object no longer is. */
export function isRefusal(error: unknown): boolean {
  return error instanceof StatusError && error.code < 500;
}
