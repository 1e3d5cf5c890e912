/** The versions of groups that other servers serve behind this one. Source: kube-aggregator. */
import { APIService, localCondition } from '../../api/apiregistration/api-service.ts';
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { RemoteGroupVersion } from '../discovery/api-groups.ts';
import type { RemoteDiscovery } from '../discovery/discovery.ts';
import type { RemoteOpenApi } from '../openapi/openapi.ts';
import type { SerializedDocument } from '../openapi/serialized-documents.ts';
import type { ServiceResolver } from '../webhooks/webhook-client.ts';
import { AggregatedService } from './aggregated-service.ts';
import { withAvailability } from './availability.ts';
import type { ProxyClient, RemoteServer } from './remote-server.ts';

/** What aggregating takes. */
export interface AggregationOptions {
  readonly client: Client;
  readonly resolve: ServiceResolver;
  /** Without one, other servers can't know who asks. */
  readonly proxyClient?: ProxyClient | undefined;
  /** What clients may not say to other servers. Default: what nobody may. */
  readonly withholds?: RemoteServer['withholds'] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

interface Following {
  readonly service: AggregatedService;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Follows the APIServices that point to Services; knows who answers which path. */
export class Aggregation implements RemoteDiscovery, RemoteOpenApi {
  readonly #options: AggregationOptions;
  readonly #informer: Informer<APIService>;
  /** By the name of the APIService. */
  readonly #following = new Map<string, Following>();
  readonly #byRoot = new Map<string, AggregatedService>();
  readonly #writing = new Set<Promise<void>>();
  #generation = 0;

  constructor(options: AggregationOptions) {
    this.#options = options;
    const { client, clock, random, log } = options;
    this.#informer = new Informer({
      client,
      resource: APIService,
      clock,
      random,
      log,
    });
  }

  /** Rises with everything that discovery or OpenAPI must show. */
  get generation(): number {
    return this.#generation;
  }

  /** The server that answers a path; undefined for those that are answered here. */
  find(path: string): RemoteServer | undefined {
    if (this.#byRoot.size === 0) return undefined;
    const [, root, first = '', second = ''] = path.split('/', 4);
    if (root === 'apis') return this.#byRoot.get(`apis/${first}/${second}`);
    return root === 'api' ? this.#byRoot.get(`api/${first}`) : undefined;
  }

  /** Resolves once it is known which group versions others serve. */
  ready(signal: AbortSignal): Promise<void> {
    return this.#informer.whenSynced(signal);
  }

  /** Follows until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    using _subscription = this.#informer.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#unfollow(object.metadata.name);
      else this.#follow(object, signal);
    });
    await this.#informer.run(signal);
    const ending = [...this.#following.values()].map(({ done }) => done);
    for (const name of [...this.#following.keys()]) this.#unfollow(name);
    await Promise.all([...ending, ...this.#writing]);
  }

  groupVersions(): readonly RemoteGroupVersion[] {
    return this.#services().map(({ apiService: { spec }, available, documents }) => ({
      group: spec.group ?? '',
      version: spec.version ?? '',
      priority: { group: spec.groupPriorityMinimum, version: spec.versionPriority },
      resources: documents.resources,
      freshness: available ? 'Current' : 'Stale',
    }));
  }

  version2(): readonly Readonly<Record<string, unknown>>[] {
    return this.#services()
      .toSorted((a, b) => b.apiService.spec.groupPriorityMinimum - a.apiService.spec.groupPriorityMinimum)
      .map(({ documents }) => documents.version2)
      .filter((document) => document !== undefined);
  }

  version3(): ReadonlyMap<string, SerializedDocument> {
    const found = new Map<string, SerializedDocument>();
    for (const [root, { documents }] of this.#byRoot) if (documents.version3) found.set(root, documents.version3);
    return found;
  }

  #services(): readonly AggregatedService[] {
    return [...this.#byRoot.values()];
  }

  #follow(apiService: APIService, signal: AbortSignal): void {
    const { name, uid } = apiService.metadata;
    const before = this.#following.get(name)?.service.apiService;
    if (before && before.metadata.uid === uid && equalJson(before.spec, apiService.spec)) return;
    this.#unfollow(name);
    if (!apiService.spec.service) return this.#settleLocal(apiService, signal);
    const stop = new AbortController();
    const service = new AggregatedService(apiService, this.#options, () => void this.#generation++);
    const done = service.run(AbortSignal.any([signal, stop.signal]));
    this.#following.set(name, { service, stop, done });
    this.#byRoot.set(rootOf(service), service);
    this.#generation++;
  }

  /** What this server serves itself is available, whoever served it before. */
  #settleLocal(apiService: APIService, signal: AbortSignal): void {
    const { client, clock, log } = this.#options;
    const before = apiService.status.conditions ?? [];
    const conditions = withAvailability(before, localCondition, timestamp(clock.now()));
    if (conditions === before) return;
    const writing = client
      .update(APIService, { ...apiService, status: { conditions } }, { subresource: 'status', signal })
      .catch((error: unknown) => {
        // Who was faster has made another change, which leads here again.
        if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound') || signal.aborted) return;
        log.error('The status of an APIService could not be written', { name: apiService.metadata.name, error });
      })
      .then(() => void this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #unfollow(name: string): void {
    const following = this.#following.get(name);
    if (!following) return;
    following.stop.abort(new Error('the APIService is no longer what it was'));
    this.#following.delete(name);
    this.#byRoot.delete(rootOf(following.service));
    this.#generation++;
  }
}

function rootOf({ group, version }: RemoteServer): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
