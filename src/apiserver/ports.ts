/** The seams inside the API server, so that its parts can be written and tested apart. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Client } from '../client/client.ts';
import type { ApiObject, ObjectKey, Resource, Verb } from '../machinery/resource.ts';
import type { MutationRounds } from './admission/mutation-rounds.ts';

/** Who makes a request. Source: authentication.k8s.io UserInfo. */
export interface User {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Notes something in the audit event of a request; keys are like `pod-security.kubernetes.io/enforce-policy`. `level`: from
 * which on it is noted, by default whenever the request is recorded.
 */
export type Annotate = (key: string, value: string, level?: 'Metadata' | 'Request') => void;

/** What an authenticator sees of a request. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  /** Names and values of the headers in turn, one header a line, as they were sent. Default: as `headers` has them. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** The path that is asked for, without its query. */
  readonly path?: string | undefined;
  /** DER of the verified client certificate, if one was presented. */
  readonly certificate?: Buffer | undefined;
  /** There when requests are audited. */
  readonly annotate?: Annotate | undefined;
}

/**
 * Tells who makes a request, at once where nothing has to be waited for: undefined when this authenticator has no
 * opinion; throws StatusError Unauthorized when credentials were presented that are wrong.
 */
export interface Authenticator {
  authenticate(credentials: Credentials): User | undefined | Promise<User | undefined>;
}

/** What is asked for, as authorizers and admission see it. */
export interface RequestAttributes {
  readonly user: User;
  /** get, list, watch, create, update, patch, delete, deletecollection; for non-resources the lower-case method. */
  readonly verb: string;
  /** Set for non-resource requests such as /healthz. */
  readonly path: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As the request has them, of list, watch and deletecollection; `authorization/selector-requirements.ts` reads them. */
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** There when the request is audited. */
  readonly annotate?: Annotate | undefined;
}

/** An authorizer's answer: allowed, denied, or neither, which is no opinion. `reason` is shown to the user. */
export interface Decision {
  readonly allowed: boolean;
  /** Denied outright: later authorizers are not asked. */
  readonly denied?: boolean | undefined;
  readonly reason: string;
  /** What went wrong while deciding. */
  readonly error?: string | undefined;
}

/** Decides whether a request may proceed. Called for every request: at once, unless somebody else has to be asked. */
export interface Authorizer {
  authorize(attributes: RequestAttributes): Decision | Promise<Decision>;
}

/** An authorizer that never waits. */
export interface LocalAuthorizer extends Authorizer {
  authorize(attributes: RequestAttributes): Decision;
}

/** A kind of what is no resource. */
export type ObjectKind = Pick<Resource, 'group' | 'version' | 'kind' | 'schema'>;

/** A write on its way to the store, or a connection on its way to a node. Mutating plug-ins change `object` in place. */
export interface AdmissionRequest {
  readonly attributes: RequestAttributes;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: Resource;
  /** The kind of the object where it is not the resource's: of connections, their options. Such objects have no metadata. */
  readonly objectKind?: ObjectKind | undefined;
  /** The new object (writable JSON); undefined on delete. */
  readonly object: Record<string, unknown> | undefined;
  readonly old: ApiObject | undefined;
  readonly dryRun: boolean;
  /** Collects what the client is warned of. */
  readonly warnings?: string[] | undefined;
  /** There when the request is audited. */
  readonly annotate?: Annotate | undefined;
  /** What others than the server itself have changed so far; the plug-ins that ask them keep it. */
  rounds?: MutationRounds | undefined;
}

/** An object as the watch cache has it now; another server may have changed it already. */
export type FindObject = <T, D>(resource: Resource<T, D>, key: ObjectKey) => T | undefined;

/** What admission plug-ins may look at: the server's own client, reading from its watch cache. */
export interface AdmissionContext {
  readonly client: Client;
  now(): number;
  readonly find: FindObject;
  /** All objects of a kind as the watch cache has them now. */
  objects<T, D>(resource: Resource<T, D>): readonly T[];
  /** The objects of a kind in one namespace, likewise, found by an index. */
  objectsIn<T, D>(resource: Resource<T, D>, namespace: string): readonly T[];
  /** What users may do. */
  readonly authorizer: Authorizer;
}

/** One admission plug-in under upstream's name; throws StatusError to refuse. */
export interface AdmissionPlugin {
  readonly name: string;
  /** The kinds that it looks at, by their qualified names: it is not asked about others. Default: all. */
  readonly concerns?: readonly string[];
  /** What it changes may have those before it look at the object again, and itself in part: `request.rounds` says so. */
  readonly mutatesInRounds?: boolean;
  admit?(request: AdmissionRequest, context: AdmissionContext): Promise<void> | void;
  validate?(request: AdmissionRequest, context: AdmissionContext): Promise<void> | void;
  /** Hears what became of a request that plug-ins have begun to admit, before its client does. Must not throw. */
  settled?(request: AdmissionRequest, outcome: AdmissionOutcome): Promise<void> | void;
}

/** What became of a write: also an update removes an object, when it takes the last finalizer off. */
export type AdmissionOutcome = 'stored' | 'removed' | 'refused' | 'uncertain';

/** A kind that is answered, not stored, after admission has looked at it: reviews. Throws StatusError. */
export interface VirtualResource {
  readonly resource: Resource;
  readonly verb: Verb;
  create(
    object: ApiObject,
    attributes: RequestAttributes,
    options?: { readonly dryRun: boolean },
  ): Promise<Record<string, unknown>>;
}

/**
 * A subresource that is answered by its own function, after admission has looked at its body as at an object that is
 * created: `serviceaccounts/token`, `pods/binding` …
 */
export interface VirtualSubresource {
  /** Plural of the parent, and its group. */
  readonly parent: Resource;
  readonly subresource: string;
  /** The kind of the body. */
  readonly resource: Resource;
  create(
    body: ApiObject,
    request: {
      readonly attributes: RequestAttributes;
      readonly dryRun: boolean;
      /** Collects what the client is warned of. */
      readonly warnings?: string[] | undefined;
    },
  ): Promise<Record<string, unknown>>;
}

/** A plain HTTP answer for documents: discovery, OpenAPI, version, metrics. */
export interface DocumentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Serves the documents under a path prefix; undefined: not mine. A promise: mine, but it takes time to make. */
export interface DocumentHandler {
  handle(request: {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
  }): DocumentResponse | Promise<DocumentResponse> | undefined;
}
