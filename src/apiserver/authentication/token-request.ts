/** Issues service account tokens on request: the subresource `serviceaccounts/token`. */
import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import { StatusError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import type { BoundObjectReference } from '../../api/authentication/token-request.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Client } from '../../client/client.ts';
import { fieldErrorBody, fieldErrorText, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import type { VirtualSubresource } from '../ports.ts';
import type { ClaimedObject } from './service-account-claims.ts';
import { issueToken } from './service-account-tokens.ts';
import type { TokenAuthority } from './service-account-tokens.ts';
import { nodeOfUser } from './users.ts';

const defaultSeconds = 3600;
const shortestSeconds = 600;
const longestSeconds = 2 ** 32;

/** What issuing needs. */
export interface TokenRequestOptions {
  readonly authority: TokenAuthority;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
}

interface Bindings {
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
}

/** Makes the subresource. */
export function tokenRequests(options: TokenRequestOptions): VirtualSubresource {
  const { authority, client, clock } = options;
  return {
    parent: ServiceAccount,
    subresource: 'token',
    resource: TokenRequest,
    async create(body, { attributes }) {
      const { namespace, name } = attributes;
      const account = await client.get(ServiceAccount, { namespace, name });
      const { spec = {} } = body as { readonly spec?: Partial<TokenRequest['spec']> };
      const lifetimeSeconds = spec.expirationSeconds ?? defaultSeconds;
      checkLifetime(name, lifetimeSeconds);
      const audiences = spec.audiences?.length ? spec.audiences : authority.audiences;
      const bindings = await resolveBinding(client, { namespace, account: name, reference: spec.boundObjectRef });
      refuseForeignNode(nodeOfUser(attributes.user), bindings);
      const claims = { namespace, serviceaccount: claimed(account), ...bindings };
      const issued = await issueToken(authority, { claims, audiences, lifetimeSeconds }, options);
      return {
        ...body,
        metadata: { ...body.metadata, name, namespace, creationTimestamp: timestamp(clock.now()) },
        spec: { ...spec, audiences, expirationSeconds: lifetimeSeconds },
        status: { token: issued.token, expirationTimestamp: timestamp(issued.expires) },
      };
    },
  };
}

function claimed({ metadata: { name, uid } }: { readonly metadata: ClaimedObject }): ClaimedObject {
  return { name, uid };
}

async function resolveBinding(
  client: Client,
  {
    namespace,
    account,
    reference,
  }: { namespace: string; account: string; reference: BoundObjectReference | undefined },
): Promise<Bindings> {
  if (!reference) return {};
  const { kind, apiVersion, name = '' } = reference;
  if (apiVersion !== 'v1' || (kind !== 'Pod' && kind !== 'Secret' && kind !== 'Node')) {
    throw new StatusError('BadRequest', `cannot bind token to object of type /${apiVersion ?? ''}, Kind=${kind ?? ''}`);
  }
  if (kind === 'Node') {
    const node = await client.get(Node, { name });
    return { node: matching(node, reference) };
  }
  if (kind === 'Secret') return { secret: matching(await client.get(Secret, { namespace, name }), reference) };
  const pod = await client.get(Pod, { namespace, name });
  if (pod.spec.serviceAccountName !== account) {
    throw new StatusError(
      'BadRequest',
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  const { nodeName } = pod.spec;
  const bound = { pod: matching(pod, reference) };
  if (!nodeName) return bound;
  const node = await client.get(Node, { name: nodeName }).catch(() => undefined);
  return { ...bound, node: node ? claimed(node) : { name: nodeName, uid: '' } };
}

function matching(object: { readonly metadata: ClaimedObject }, { uid }: BoundObjectReference): ClaimedObject {
  if (uid !== undefined && uid !== '' && uid !== object.metadata.uid) {
    throw new StatusError(
      'Conflict',
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return claimed(object);
}

/** A kubelet gets tokens for its own pods only. Source: NodeRestriction. */
function refuseForeignNode(node: string | undefined, { pod, node: bound }: Bindings): void {
  if (node === undefined) return;
  if (!pod) throw new StatusError('Forbidden', `serviceaccounts is forbidden: node requested token not bound to a pod`);
  if (bound?.name !== node) {
    throw new StatusError(
      'Forbidden',
      `serviceaccounts is forbidden: node requested token bound to a pod scheduled on a different node`,
    );
  }
}

function checkLifetime(name: string, seconds: number): void {
  const path = 'spec.expirationSeconds';
  if (seconds < shortestSeconds)
    refuse(name, invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  if (seconds > longestSeconds)
    refuse(name, invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
}

function refuse(name: string, error: FieldError): never {
  const { group, kind } = TokenRequest;
  throw new StatusError('Invalid', `${kind}.${group} ${JSON.stringify(name)} is invalid: ${fieldErrorText(error)}`, {
    details: {
      name,
      group,
      kind,
      causes: [{ reason: error.type, message: fieldErrorBody(error), field: error.field }],
    },
  });
}
