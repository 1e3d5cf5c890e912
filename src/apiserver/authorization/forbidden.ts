/** The sentence that tells a user what is forbidden. Source: apiserver's responsewriters.Forbidden. */
import { StatusError, qualifiedResource } from '../../base/errors.ts';
import type { RequestAttributes } from '../ports.ts';

/** The error of a request that no authorizer allowed; `reason` is the authorizer's, if it has one. */
export function forbiddenError(attributes: RequestAttributes, reason = ''): StatusError {
  const { group, resource, name, isResource } = attributes;
  const sentence = `${forbiddenSentence(attributes)}${reason === '' ? '' : `: ${reason}`}`;
  if (!isResource) return new StatusError('Forbidden', `forbidden: ${sentence}`, { details: {} });
  const subject = `${qualifiedResource(group, resource)}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  return new StatusError('Forbidden', `${subject} is forbidden: ${sentence}`, {
    details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource },
  });
}

/** `User "x" cannot list resource "pods" in API group "" in the namespace "y"`. */
export function forbiddenSentence(attributes: RequestAttributes): string {
  const { user, verb, group, resource, subresource, namespace, path, isResource } = attributes;
  const who = `User ${JSON.stringify(user.name)}`;
  if (!isResource) return `${who} cannot ${verb} path ${JSON.stringify(path)}`;
  const what = JSON.stringify(subresource === '' ? resource : `${resource}/${subresource}`);
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} cannot ${verb} resource ${what} in API group ${JSON.stringify(group)} ${where}`;
}
