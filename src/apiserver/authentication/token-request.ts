/** Issues service account tokens on request: the subresource `serviceaccounts/token`. Source: serviceaccount/storage. */
import type { Clock } from '../../base/clock.ts';
import { timestamp } from '../../base/clock.ts';
import { StatusError, hasReason } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { TokenRequest } from '../../api/authentication/token-request.ts';
import type { BoundObjectReference } from '../../api/authentication/token-request.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Client } from '../../client/client.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';
import type { ApiObject } from '../../machinery/resource.ts';
import type { RequestAttributes, VirtualSubresource } from '../ports.ts';
import { badRequest, invalidError } from '../resources/api-errors.ts';
import { issueToken } from './issue-token.ts';
import type { ClaimedObject } from './service-account-claims.ts';
import type { TokenAuthority } from './token-authority.ts';
import { nodeOfUser } from './users.ts';

const defaultSeconds = 3600;
const shortestSeconds = 600;
const longestSeconds = 2 ** 32;
/** What the tokens that admission puts into pods ask for. Source: serviceaccount.WarnOnlyBoundTokenExpirationSeconds. */
const injectedSeconds = 3607;
/** How long those live, for clients that don't read them again. Source: serviceaccount.ExpirationExtensionSeconds. */
const extendedSeconds = 365 * 24 * 3600;

/** What issuing needs. */
export interface TokenRequestOptions {
  readonly authority: TokenAuthority;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  /** The longest life of a token. Default: as long as is asked for. Source: --service-account-max-token-expiration. */
  readonly maxSeconds?: number | undefined;
  /** Whether tokens of pods live a year. Default: true. Source: --service-account-extend-token-expiration. */
  readonly extend?: boolean | undefined;
}

interface Bindings {
  readonly pod?: ClaimedObject;
  readonly secret?: ClaimedObject;
  readonly node?: ClaimedObject;
}

type Spec = Partial<TokenRequest['spec']>;

/** Makes the subresource. */
export function tokenRequests(options: TokenRequestOptions): VirtualSubresource {
  const { authority, client, clock, maxSeconds } = options;
  return {
    parent: ServiceAccount,
    subresource: 'token',
    resource: TokenRequest,
    async create(body, { attributes, warnings }) {
      const { namespace, name } = attributes;
      const { spec = {} } = body as { readonly spec?: Spec };
      checkNames(body.metadata, attributes);
      const account = await client.get(ServiceAccount, { namespace, name });
      checkUid(body.metadata, account);
      const asked = spec.expirationSeconds ?? defaultSeconds;
      checkLifetime(asked);
      const bindings = await resolveBinding(client, { namespace, account: name, reference: spec.boundObjectRef });
      refuseForeignNode(nodeOfUser(attributes.user), bindings);
      const seconds = maxSeconds !== undefined && asked > maxSeconds ? maxSeconds : asked;
      if (seconds < asked) warnings?.push(`requested expiration of ${asked} seconds shortened to ${seconds} seconds`);
      const audiences = spec.audiences?.length ? spec.audiences : authority.audiences;
      const claims = { namespace, serviceaccount: claimed(account), ...bindings };
      const issued = await issueToken(
        authority,
        { claims, audiences, ...lifetimeOf(seconds, { bindings, audiences, options }) },
        options,
      );
      attributes.annotate?.('authentication.kubernetes.io/issued-credential-id', `JTI=${issued.id}`);
      return {
        ...body,
        metadata: {
          ...body.metadata,
          ...{ name, namespace, uid: account.metadata.uid, creationTimestamp: timestamp(clock.now()) },
        },
        spec: { ...spec, audiences, expirationSeconds: seconds },
        // What is asked for, though it may live longer: clients shall come back in time.
        status: { token: issued.token, expirationTimestamp: timestamp(issued.issued + seconds * 1000) },
      };
    },
  };
}

/** A pod's own token for the API lives longer than it says; its use in that time is noted. */
function lifetimeOf(
  seconds: number,
  { bindings, audiences, options }: { bindings: Bindings; audiences: readonly string[]; options: TokenRequestOptions },
): { readonly lifetimeSeconds: number; readonly warnAfterSeconds?: number } {
  const { authority, extend = true } = options;
  const isForUs = audiences.every((audience) => authority.audiences.includes(audience));
  if (!extend || !bindings.pod || seconds !== injectedSeconds || !isForUs) return { lifetimeSeconds: seconds };
  return { lifetimeSeconds: extendedSeconds, warnAfterSeconds: seconds };
}

function claimed({ metadata: { name, uid } }: Pick<ApiObject, 'metadata'>): ClaimedObject {
  return { name, uid };
}

function checkNames(given: Partial<ObjectMeta>, { name, namespace }: RequestAttributes): void {
  if (given.name && given.name !== name) {
    throw refused(name, invalid('metadata.name', given.name, 'must match the service account name if specified'));
  }
  if (given.namespace && given.namespace !== namespace) {
    const detail = 'must match the service account namespace if specified';
    throw refused(name, invalid('metadata.namespace', given.namespace, detail));
  }
}

function checkUid({ uid }: Partial<ObjectMeta>, { metadata }: ServiceAccount): void {
  if (!uid || uid === metadata.uid) return;
  throw conflict(
    TokenRequest.kind,
    metadata.name,
    `the UID in the token request (${uid}) does not match the UID of the service account (${metadata.uid})`,
  );
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
  const { kind = '', apiVersion = '', name = '' } = reference;
  // Of the core group, in whichever version.
  const type = apiVersion.includes('/') ? '' : kind;
  switch (type) {
    case 'Node':
      return { node: matching(await client.get(Node, { name }), reference) };
    case 'Secret':
      return { secret: matching(await client.get(Secret, { namespace, name }), reference) };
    case 'Pod':
      return podBinding(client, { pod: await client.get(Pod, { namespace, name }), account, reference });
    default:
      throw badRequest(`cannot bind token to object of type ${groupVersionKind(apiVersion, kind)}`);
  }
}

async function podBinding(
  client: Client,
  { pod, account, reference }: { pod: Pod; account: string; reference: BoundObjectReference },
): Promise<Bindings> {
  if (pod.spec.serviceAccountName !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
    );
  }
  const { nodeName } = pod.spec;
  const bound = { pod: matching(pod, reference) };
  return nodeName ? { ...bound, node: await nodeOf(client, nodeName) } : bound;
}

/** Whoever inspects the token learns the node's name, also when there is no such node. */
async function nodeOf(client: Client, name: string): Promise<ClaimedObject> {
  try {
    return claimed(await client.get(Node, { name }));
  } catch (error) {
    if (hasReason(error, 'NotFound')) return { name };
    throw error;
  }
}

function matching(object: Pick<ApiObject, 'metadata'>, { kind = '', uid }: BoundObjectReference): ClaimedObject {
  if (uid && uid !== object.metadata.uid) {
    throw conflict(
      kind,
      object.metadata.name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return claimed(object);
}

/** As Go writes a GroupVersionKind. */
function groupVersionKind(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  return `${group}/${version}, Kind=${kind}`;
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

function checkLifetime(seconds: number): void {
  const path = 'spec.expirationSeconds';
  if (seconds < shortestSeconds) {
    throw refused('', invalid(path, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > longestSeconds) {
    throw refused('', invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
}

function refused(name: string, error: FieldError): StatusError {
  return invalidError(TokenRequest, name, [error]);
}

/** Upstream names the kind where other conflicts have the resource. */
function conflict(kind: string, name: string, detail: string): StatusError {
  const { group } = TokenRequest;
  const [subject, details] =
    kind === TokenRequest.kind ? [`${kind}.${group}`, { name, group, kind }] : [kind, { name, kind }];
  const message = `Operation cannot be fulfilled on ${subject} ${JSON.stringify(name)}: ${detail}`;
  return new StatusError('Conflict', message, { details });
}
