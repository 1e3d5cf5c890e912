/** Builds the attributes of questions that the API server asks itself. */
import type { RequestAttributes, User } from '../ports.ts';

/** Attributes of a question about a resource; what is left out is empty. */
export function resourceAttributes(
  user: User,
  question: Partial<Omit<RequestAttributes, 'user' | 'isResource' | 'path'>> & {
    readonly verb: string;
    readonly resource: string;
  },
): RequestAttributes {
  return {
    user,
    path: '',
    isResource: true,
    group: '',
    version: '',
    subresource: '',
    namespace: '',
    name: '',
    ...question,
  };
}

/** Attributes of a question about a path such as /healthz. */
export function pathAttributes(user: User, verb: string, path: string): RequestAttributes {
  return {
    user,
    verb,
    path,
    isResource: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
  };
}
