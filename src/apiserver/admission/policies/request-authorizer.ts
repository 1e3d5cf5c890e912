import { CelAuthorizer, requestResourceCheck } from '../../../machinery/cel/libraries/authorizer.ts';
import type { AuthorizationQuery } from '../../../machinery/cel/libraries/authorizer.ts';
import { serviceAccountGroups, serviceAccountUserName } from '../../authentication/users.ts';
import { andThen } from '../../../base/and-then.ts';
import type { AdmissionRequest, Authorizer, RequestAttributes, User } from '../../ports.ts';

/** The variables with which expressions ask what the request's user, or a service account, may do. */
export function authorizerBindings(
  request: AdmissionRequest,
  authorizer: Authorizer,
): Readonly<Record<string, unknown>> {
  const { user, group, resource, subresource, namespace, name } = request.attributes;
  // A decision that has to be waited for has the expression evaluated again once it is known.
  const asking = new CelAuthorizer((query) =>
    andThen(authorizer.authorize(attributesOf(query, user)), ({ allowed, reason, error }) => ({
      allowed,
      reason,
      error,
    })),
  );
  const own = { group, resource, subresource, namespace, name };
  return { authorizer: asking, 'authorizer.requestResource': requestResourceCheck(asking, own) };
}

function attributesOf(query: AuthorizationQuery, user: User): RequestAttributes {
  const { verb, serviceAccount, path = '', group = '', resource = '', subresource = '' } = query;
  return {
    user: serviceAccount ? accountUser(serviceAccount) : user,
    verb,
    path,
    isResource: query.path === undefined,
    group,
    version: '*',
    resource,
    subresource,
    namespace: query.namespace ?? '',
    name: query.name ?? '',
    fieldSelector: query.fieldSelector,
    labelSelector: query.labelSelector,
  };
}

function accountUser({ namespace, name }: { readonly namespace: string; readonly name: string }): User {
  return {
    name: serviceAccountUserName(namespace, name),
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
  };
}
