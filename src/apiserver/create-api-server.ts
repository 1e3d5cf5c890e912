import { builtinResources } from '../api/registry.ts';
import { CustomResourceDefinition } from '../api/apiextensions/custom-resource-definition.ts';
import { PriorityClass } from '../api/scheduling/priority-class.ts';
import { Binding } from '../api/core/binding.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { MetricRegistry } from '../base/metrics/metric-registry.ts';
import type { Random } from '../base/random.ts';
import type { Client } from '../client/client.ts';
import type { ObjectKey, Resource } from '../machinery/resource.ts';
import { refuseUnfinished } from '../store/snapshot/store-target.ts';
import type { Store } from '../store/store.ts';
import type { RemoteServers } from './aggregation/remote-server.ts';
import { AdmissionChain } from './admission-chain.ts';
import { AdmissionMetrics } from './admission/admission-metrics.ts';
import type { Audit } from './audit/audit.ts';
import { auditedClient } from './audit/audited-client.ts';
import { Api } from './api.ts';
import { countedAuthenticator } from './authentication/authentication-metrics.ts';
import { apiServerUser } from './authentication/users.ts';
import { countedAuthorizer } from './authorization/authorization-metrics.ts';
import { bootstrapNamespaces, bootstrapPriorityClasses } from './bootstrap.ts';
import { renameOldKeys } from './cache/rename-old-keys.ts';
import type { Follower } from './cache/kind-cache.ts';
import { ResourceCaches } from './cache/resource-caches.ts';
import type { FlowControl } from './flow-control/flow-control.ts';
import { createInProcessClient } from './in-process-client.ts';
import { publishEndpoints } from './kubernetes-endpoints.ts';
import type { KubernetesService } from './kubernetes-endpoints.ts';
import { maintain } from './maintenance.ts';
import type { MaintenanceOptions } from './maintenance.ts';
import type {
  AdmissionContext,
  AdmissionPlugin,
  Annotate,
  Authenticator,
  Authorizer,
  DocumentHandler,
  FindObject,
  User,
  VirtualResource,
  VirtualSubresource,
} from './ports.ts';
import { bindPod, podBinding } from './resources/pod-binding.ts';
import { serveCustomResources } from './custom-resources/serve-custom-resources.ts';
import type { CustomResourceServing } from './custom-resources/serve-custom-resources.ts';
import { webhookConversion } from './custom-resources/webhook-conversion.ts';
import type { HandlerContext } from './resources/handler-context.ts';
import { podEviction } from './resources/pod-eviction.ts';
import { WriteTurns } from './resources/write-turns.ts';
import { ServedResources } from './served-resources.ts';
import { serviceAddress } from './service-address.ts';
import { StoreHealth } from './store-health.ts';
import { createWebhookClient } from './webhooks/webhook-client.ts';
import type { ServiceResolver } from './webhooks/webhook-client.ts';

/** Hears of all objects of a kind for as long as the server runs. */
export type FollowObjects = (resource: Resource, follower: Follower) => void;

/** What the exchangeable parts of a server may use. */
export interface ServerContext {
  readonly resources: ServedResources;
  readonly caches: ResourceCaches;
  readonly find: FindObject;
  /** Tells of the objects of a kind, and at once of every change. Of kinds that are not served there is nothing to tell. */
  readonly follow: FollowObjects;
  /** For what is no object of the API but must be the same for all servers. */
  readonly store: Store;
  /** The server's own client; nothing is forbidden to it. Usable from the first write on, not before `parts` returned. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** What is counted beside requests. */
  readonly metrics: MetricRegistry;
  /** Finds the endpoints of Services, for webhooks and aggregated servers. */
  readonly resolveService: ServiceResolver;
  /** Aborted when the server is disposed. */
  readonly signal: AbortSignal;
}

/** The exchangeable parts of a server. */
export interface ServerParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission?: readonly AdmissionPlugin[] | undefined;
  readonly virtualResources?: readonly VirtualResource[] | undefined;
  readonly virtualSubresources?: readonly VirtualSubresource[] | undefined;
  readonly documents?: readonly DocumentHandler[] | undefined;
  /** Knows the group versions that other servers serve. */
  readonly aggregation?: RemoteServers | undefined;
  /** Records requests. */
  readonly audit?: Audit | undefined;
  /** Decides when requests that come from outside are served. Default: at once. */
  readonly flowControl?: FlowControl | undefined;
  /** Runs once the namespaces exist and before the server is ready: bootstrap roles, filling role caches. */
  start?(): Promise<void>;
  /** Resolves when everything that `start` began has ended, after the signal was aborted. */
  stopped?(): Promise<void>;
}

/** Options of `createApiServer`. */
export interface ApiServerOptions extends MaintenanceOptions {
  readonly store: Store;
  /** Default: every built-in kind. */
  readonly resources?: readonly Resource[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Where others count as well. Default: one of its own. */
  readonly metrics?: MetricRegistry | undefined;
  /** The Service `default/kubernetes`; none is made when absent. */
  readonly kubernetesService?: KubernetesService | undefined;
  /** Seconds that events live. Default: an hour. Source: kube-apiserver's --event-ttl. */
  readonly eventTtl?: number | undefined;
  /** Milliseconds that a store elsewhere has to answer if it is to be well. Default: 2000. */
  readonly healthTimeout?: number | undefined;
  /** Makes the exchangeable parts; called once. */
  parts(context: ServerContext): ServerParts;
}

/** A running API server, without a listener: see `listen`. Disposing it leaves the store open. */
export interface ApiServer extends AsyncDisposable {
  readonly api: Api;
  readonly resources: ServedResources;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly documents: readonly DocumentHandler[];
  readonly aggregation: RemoteServers | undefined;
  readonly audit: Audit | undefined;
  readonly flowControl: FlowControl | undefined;
  readonly metrics: MetricRegistry;
  readonly context: HandlerContext;
  /** Aborted when the server is disposed. */
  readonly signal: AbortSignal;
  /** Ends every watch, as a listener does that closes; clients begin them anew, elsewhere or later. */
  endWatches(): void;
  /** Takes this server out of the endpoints of the Service `kubernetes`: to be called before its listener closes. */
  withdraw(): Promise<void>;
  /** A client inside this process that acts as `user`. */
  client(user: User): Client;
}

/** Starts a server: reads the store, makes its parts and the objects that every cluster has. Resolves when it is ready. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, log } = options;
  const resources = new ServedResources(options.resources ?? builtinResources);
  const stopping = new AbortController();
  await refuseUnfinished(store, 'the store');
  await renameOldKeys(store, resources.all(), log);
  // What has begun ends if the rest fails.
  using begun = new DisposableStack();
  const caches = begun.use(await ResourceCaches.open({ store, resources: resources.all(), clock, log }));
  begun.defer(() => stopping.abort(new Error('the API server could not start')));
  const { signal } = stopping;
  const metrics = options.metrics ?? new MetricRegistry();
  const { api, context, parts, own, resolveService } = assemble(options, { resources, caches, metrics, signal });
  await bootstrapNamespaces(own);
  if (resources.all().some(({ kind }) => kind === PriorityClass.kind)) await bootstrapPriorityClasses(own);
  const custom = await customKinds({ context, resources, client: own, signal }, resolveService);
  await parts.start?.();
  const published = await publishEndpoints({ store, client: own, clock, log }, options.kubernetesService);
  const maintenance = maintain(context, options, signal);
  begun.move();
  const endWatches = (): void => {
    for (const cache of caches.all()) for (const watcher of cache.watchers.all()) watcher.sink.end();
  };
  return {
    api,
    resources,
    authenticator: countedAuthenticator(parts.authenticator, { metrics, clock }),
    authorizer: parts.authorizer,
    metrics,
    documents: parts.documents ?? [],
    aggregation: parts.aggregation,
    flowControl: parts.flowControl,
    audit: parts.audit,
    context,
    signal,
    endWatches,
    withdraw: () => published.withdraw(),
    client: (user) => clientOf(api, user, parts.audit),
    async [Symbol.asyncDispose]() {
      await published.withdraw();
      stopping.abort(new Error('the API server is stopping'));
      endWatches();
      await maintenance;
      await custom?.stopped();
      await parts.stopped?.();
      await parts.audit?.close();
      caches[Symbol.dispose]();
    },
  };
}

interface Foundation {
  readonly resources: ServedResources;
  readonly caches: ResourceCaches;
  readonly metrics: MetricRegistry;
  readonly signal: AbortSignal;
}

interface Assembled {
  readonly api: Api;
  readonly context: HandlerContext;
  readonly parts: ServerParts;
  /** The server's own client. */
  readonly own: Client;
  readonly resolveService: ServiceResolver;
}

/** Puts together what answers requests, out of the exchangeable parts. */
function assemble(options: ApiServerOptions, { resources, caches, metrics, signal }: Foundation): Assembled {
  const { store, clock, random, log, eventTtl = 3600, healthTimeout = 2000 } = options;
  const late = lateClient();
  const { client } = late;
  const resolveService: ServiceResolver = ({ namespace, name, port }) =>
    serviceAddress(context, { namespace, name }, String(port));
  const find = findIn(caches);
  const follow: FollowObjects = (resource, follower) => {
    if (resources.all().includes(resource)) caches.of(resource).follow(follower);
  };
  const parts = options.parts({
    resources,
    caches,
    find,
    follow,
    store,
    client,
    clock,
    random,
    log,
    metrics,
    resolveService,
    signal,
  });
  const shown = admissionContext({ client, caches, clock, authorizer: parts.authorizer });
  const admission = new AdmissionChain(parts.admission ?? [], shown, new AdmissionMetrics(metrics, clock));
  const turns = new WriteTurns(clock);
  const storeHealth = new StoreHealth({ store, clock, timeout: healthTimeout });
  const context: HandlerContext = { store, caches, admission, clock, random, log, turns, eventTtl, storeHealth };
  // What a binding or an eviction does to its pod is not asked about once more.
  const unasked: HandlerContext = { ...context, admission: new AdmissionChain([], shown) };
  const api = new Api(context, {
    authorizer: countedAuthorizer(withSystemMasters(parts.authorizer), { metrics, clock }),
    resources,
    virtualResources: [bindings(unasked), ...(parts.virtualResources ?? [])],
    virtualSubresources: [podBinding(unasked), podEviction(context, unasked), ...(parts.virtualSubresources ?? [])],
  });
  const own = createInProcessClient(api, apiServerUser);
  late.set(own);
  return { api, context, parts, own, resolveService };
}

async function customKinds(
  serving: Omit<CustomResourceServing, 'conversion'>,
  resolveService: ServiceResolver,
): Promise<{ readonly stopped: () => Promise<void> } | undefined> {
  const { context, resources } = serving;
  if (!resources.all().includes(CustomResourceDefinition)) return undefined;
  const call = createWebhookClient(resolveService);
  const { random } = context;
  return serveCustomResources({
    ...serving,
    conversion: (definition) => webhookConversion(definition, { call, random }),
  });
}

interface AdmissionContextParts {
  readonly client: Client;
  readonly caches: ResourceCaches;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
}

function findIn(caches: ResourceCaches): FindObject {
  return <T, D>(resource: Resource<T, D>, key: ObjectKey) =>
    caches.of(resource as unknown as Resource).get(key)?.object as T | undefined;
}

function admissionContext({ client, caches, clock, authorizer }: AdmissionContextParts): AdmissionContext {
  return {
    client,
    authorizer,
    now: () => clock.now(),
    find: findIn(caches),
    objects: <T, D>(resource: Resource<T, D>) => caches.of(resource as unknown as Resource).objects() as readonly T[],
    objectsIn: <T, D>(resource: Resource<T, D>, namespace: string) =>
      caches.of(resource as unknown as Resource).objects(namespace) as readonly T[],
  };
}

/** The server must be able to act before there are roles. */
function withSystemMasters(authorizer: Authorizer): Authorizer {
  return {
    authorize: (attributes) =>
      attributes.user === apiServerUser ? { allowed: true, reason: '' } : authorizer.authorize(attributes),
  };
}

/** `POST bindings`, the old form of `pods/binding`. */
function bindings(context: HandlerContext): VirtualResource {
  return {
    resource: Binding,
    verb: 'create',
    create: (object, attributes, { dryRun } = { dryRun: false }) =>
      bindPod(context, object as Binding, { attributes: { ...attributes, name: object.metadata.name }, dryRun }),
  };
}

function clientOf(api: Api, user: User, audit: Audit | undefined): Client {
  const inner = (annotate?: Annotate): Client => createInProcessClient(api, user, annotate);
  return audit ? auditedClient(user, { audit, random: api.context.random, inner }) : inner();
}

/** A client that parts may hold before the API that it needs exists. */
function lateClient(): { readonly client: Client; set(client: Client): void } {
  let actual: Client | undefined;
  const real = (): Client => {
    if (!actual) throw new Error('the API server is not there yet');
    return actual;
  };
  return {
    set: (client) => void (actual = client),
    client: {
      get: (...call) => real().get(...call),
      list: (...call) => real().list(...call),
      watch: (...call) => real().watch(...call),
      create: (...call) => real().create(...call),
      update: (...call) => real().update(...call),
      patch: (...call) => real().patch(...call),
      delete: (...call) => real().delete(...call),
      deleteCollection: (...call) => real().deleteCollection(...call),
      createSubresource: (...call) => real().createSubresource(...call),
    },
  };
}
