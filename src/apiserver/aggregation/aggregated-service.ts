/** Follows one APIService: asks its server whether it works and what it serves, and writes down what it finds. */
import { APIService } from '../../api/apiregistration/api-service.ts';
import { Service } from '../../api/core/service.ts';
import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import { timestamp } from '../../base/clock.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import { Backoff } from '../../client/backoff.ts';
import { Informer } from '../../client/informer.ts';
import type { DraftObject, ApiObject, Resource } from '../../machinery/resource.ts';
import type { Selection } from '../../client/client.ts';
import type { AggregationOptions } from './aggregation.ts';
import { failedDiscovery, obstacle, passed, withAvailability } from './availability.ts';
import type { Availability } from './availability.ts';
import { fetchDocument } from './fetch-document.ts';
import { fetchDocuments, noDocuments, rootPath } from './remote-documents.ts';
import type { RemoteDocuments } from './remote-documents.ts';
import { remoteServer } from './remote-server.ts';
import type { RemoteServer } from './remote-server.ts';

/** Milliseconds between checks of a server that works. Source: kube-aggregator. */
const checkEvery = 30_000;
/** Attempts of one check. */
const attempts = 5;

/** A server behind an APIService. */
export class AggregatedService implements RemoteServer {
  readonly apiService: APIService;
  readonly #server: Omit<RemoteServer, 'available'>;
  readonly #options: AggregationOptions;
  readonly #changed: () => void;
  #available: boolean;
  #documents: RemoteDocuments = noDocuments;
  #wake = Promise.withResolvers<void>();

  /** `changed` is called when it serves something else, or became available or unavailable. */
  constructor(apiService: APIService, options: AggregationOptions, changed: () => void) {
    const { resolve, proxyClient, withholds = () => false } = options;
    const server = remoteServer(apiService, { resolve, client: proxyClient, withholds });
    if (!server) throw new Error(`APIService ${apiService.metadata.name} is served here`);
    this.apiService = apiService;
    this.#server = server;
    this.#options = options;
    this.#changed = changed;
    // What was found before a restart holds until it is known better.
    const before = apiService.status.conditions?.find(({ type }) => type === 'Available');
    this.#available = before?.status === 'True';
  }

  get group(): string {
    return this.#server.group;
  }

  get version(): string {
    return this.#server.version;
  }

  get available(): boolean {
    return this.#available;
  }

  get tls(): RemoteServer['tls'] {
    return this.#server.tls;
  }

  get agent(): RemoteServer['agent'] {
    return this.#server.agent;
  }

  get documents(): RemoteDocuments {
    return this.#documents;
  }

  withholds(name: string): boolean {
    return this.#server.withholds(name);
  }

  address(): Promise<string> {
    return this.#server.address();
  }

  /** Checks again and again until aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '' } = this.apiService.spec.service ?? {};
    const service = this.#informer(Service, { namespace, fieldSelector: `metadata.name=${name}` });
    const slices = this.#informer(EndpointSlice, { namespace, labelSelector: `kubernetes.io/service-name=${name}` });
    using _service = service.subscribe(() => this.#wake.resolve());
    using _slices = slices.subscribe(() => this.#wake.resolve());
    const informing = [service.run(signal), slices.run(signal)];
    const backoff = new Backoff({ first: 100, cap: checkEvery / 2, random: this.#options.random });
    try {
      await Promise.all([service.whenSynced(signal), slices.whenSynced(signal)]);
      while (!signal.aborted) {
        this.#wake = Promise.withResolvers<void>();
        const stands = obstacle(this.apiService, service.cache.list()[0], slices.cache.list());
        const found = stands ?? (await this.#ask(signal));
        const settled = await this.#settle(found, signal);
        if (found === passed) await this.#fetch(signal);
        if (found === passed && settled) backoff.reset();
        // Endpoints that come or go wake it; only a server that does not answer, or a failed write, is tried again soon.
        await this.#pause(stands || (found === passed && settled) ? checkEvery : backoff.next(), signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#options.log.error('An aggregated API is no longer checked', { error });
    }
    await Promise.all(informing);
    this.agent.destroy();
  }

  #informer<T extends ApiObject, D extends DraftObject>(
    resource: Resource<T, D>,
    selection: Selection,
  ): Informer<T, D> {
    const { client, clock, random, log } = this.#options;
    return new Informer({ client, resource, selection, clock, random, log });
  }

  async #ask(signal: AbortSignal): Promise<Availability> {
    const path = rootPath(this.group, this.version);
    let failure = '';
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt++) {
      try {
        const { status, url } = await fetchDocument(this.#server, { path, accept: 'application/json', signal });
        if (status >= 200 && status <= 299) return passed;
        failure = `failing or missing response from ${url}: bad status from ${url}: ${status}`;
      } catch (error) {
        failure = messageOf(error);
        if (failure.startsWith('timed out')) break;
      }
    }
    return failedDiscovery(failure);
  }

  /** Acts on what was found, then writes it down. Returns whether it could be written. */
  async #settle(found: Availability, signal: AbortSignal): Promise<boolean> {
    const available = found.status === 'True';
    if (available !== this.#available) {
      this.#available = available;
      const { reason, message } = found;
      this.#options.log
        .v(2)
        .info('Availability of an API has changed', { api: this.apiService.metadata.name, available, reason, message });
      this.#changed();
    }
    const { client, clock } = this.#options;
    try {
      const current = await client.get(APIService, { name: this.apiService.metadata.name }, { signal });
      const before = current.status.conditions ?? [];
      const conditions = withAvailability(before, found, timestamp(clock.now()));
      if (conditions === before) return true;
      await client.update(APIService, { ...current, status: { conditions } }, { subresource: 'status', signal });
      return true;
    } catch (error) {
      // Deleted, or changed at the same time: either wakes those who follow.
      return hasReason(error, 'NotFound');
    }
  }

  async #fetch(signal: AbortSignal): Promise<void> {
    const before = this.#documents;
    this.#documents = await fetchDocuments(this.#server, before, signal);
    if (before !== this.#documents) this.#changed();
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const both = AbortSignal.any([signal, waiting.signal]);
    const sleep = this.#options.clock.sleep(ms, both).catch(() => undefined);
    await Promise.race([sleep, this.#wake.promise]);
    waiting.abort(new Error('woken'));
    await sleep;
  }
}
