import type { Component } from '../../base/component.ts';
import { StatusError, hasReason } from '../../base/errors.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Logger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import type { Controller } from '../../client/controller.ts';
import { apiServerUser, serviceAccountGroups, serviceAccountUserName } from '../../apiserver/authentication/users.ts';
import type { ApiServer } from '../../apiserver/create-api-server.ts';
import type { User } from '../../apiserver/ports.ts';
import { runControllers } from '../../controllers/run-controllers.ts';
import { parseDuration } from '../../machinery/duration.ts';
import { keyOf } from '../../machinery/resource.ts';
import type { ApiObject, DraftObject, ObjectKey, Resource } from '../../machinery/resource.ts';
import { settle } from './settle.ts';
import { testApiServer } from './test-api-server.ts';

/** What else a test cluster may be given. */
export interface TestClusterOptions {
  /** Default: one that stands at the beginning of 2026. */
  readonly clock?: FakeClock | undefined;
  /** Whether Secrets may be bootstrap tokens. Default: false. */
  readonly bootstrapTokens?: boolean | undefined;
  readonly log?: Logger | undefined;
  /** Names of admission plug-ins to leave out, such as `Priority` where pods state their priority themselves. */
  readonly disabledAdmission?: readonly string[] | undefined;
  /** Further components, such as the scheduler; `idle` of those that have it is waited for. */
  components?(context: TestComponentContext): readonly (Component & { readonly idle?: boolean })[];
}

/** What further components run with. */
export interface TestComponentContext {
  readonly clock: FakeClock;
  readonly random: Random;
  readonly log: Logger;
  /** A client that acts as `user`. */
  readonly client: (user: User) => Client;
}

/** A cluster in memory whose time a test moves by hand. Dispose it to stop everything. */
export interface TestCluster extends AsyncDisposable {
  readonly server: ApiServer;
  /** May do everything. */
  readonly client: Client;
  readonly clock: FakeClock;
  /** Creates an object, in namespace `default` unless it names one, and lets everybody react. */
  create<T extends ApiObject, D extends DraftObject>(resource: Resource<T, D>, draft: D): Promise<T>;
  /** The same for an object that says of what kind it is. */
  create(object: DraftObject): Promise<ApiObject>;
  /** The object's present state; undefined when it is gone, also when its name belongs to another by now. */
  find<T extends ApiObject>(object: T): Promise<T | undefined>;
  /** The object with this key; undefined when there is none. */
  find<T, D>(resource: Resource<T, D>, key: ObjectKey): Promise<T | undefined>;
  /** All objects of a kind, in `default` unless told otherwise; '' for all namespaces. */
  list<T, D>(resource: Resource<T, D>, namespace?: string): Promise<readonly T[]>;
  /** Changes an object through a function of its present state, then lets everybody react. */
  change<T extends ApiObject, D extends DraftObject>(
    resource: Resource<T, D>,
    key: ObjectKey,
    change: (object: T) => D,
  ): Promise<T>;
  /** Moves time, by milliseconds or a duration such as `1m30s`, letting everybody react on the way. */
  advance(duration: number | string): Promise<void>;
  /** Moves time, at most by `within` (default 5 m), until `check` passes; throws its last failure. */
  eventually(check: () => Promise<void> | void, within?: number | string): Promise<void>;
  /** Lets everybody finish what needs no time. */
  settle(): Promise<void>;
  /** The same, and waits for what takes real time, as cryptography does, until nobody is at work any more. */
  rest(): Promise<void>;
}

/** The real API server and the given controllers over the memory store, with a clock that stands still. */
export async function testCluster(
  controllers: readonly Controller[] = [],
  options: TestClusterOptions = {},
): Promise<TestCluster> {
  const clock = options.clock ?? new FakeClock();
  const random = seededRandom();
  const log = options.log ?? silentLogger;
  const { disabledAdmission, bootstrapTokens } = options;
  const server = await testApiServer({ controllers, clock, random, log, disabledAdmission, bootstrapTokens });
  const manager = runControllers({
    controllers,
    client: (name) => server.client(name === undefined ? managerUser : controllerUser(name)),
    clock,
    random,
    log,
  });
  const others = options.components?.({ clock, random, log, client: (user) => server.client(user) }) ?? [];
  const stop = new AbortController();
  const running = [manager, ...others].map((component) => component.run(stop.signal));
  const cluster = new InMemoryCluster(server, clock, {
    busy: () => [...manager.busy, ...others.flatMap(({ name, idle }) => (idle === false ? [name] : []))],
    async stop() {
      stop.abort(new Error('the test cluster stops'));
      await Promise.all(running);
      await server[Symbol.asyncDispose]();
    },
  });
  await cluster.settle();
  return cluster;
}

/** Real milliseconds. */
const restWithin = 20_000;

const managerUser: User = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };

/** Controllers act as their service accounts, with no more than their roles allow; pretended parts as administrators. */
export function controllerUser(name: string): User {
  if (name.startsWith('fake-')) return apiServerUser;
  return {
    name: serviceAccountUserName('kube-system', name),
    groups: [...serviceAccountGroups('kube-system'), 'system:authenticated'],
  };
}

interface Parts {
  busy(): readonly string[];
  stop(): Promise<void>;
}

class InMemoryCluster implements TestCluster {
  readonly server: ApiServer;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly #parts: Parts;

  constructor(server: ApiServer, clock: FakeClock, parts: Parts) {
    this.server = server;
    this.client = server.client(apiServerUser);
    this.clock = clock;
    this.#parts = parts;
  }

  async create<T extends ApiObject, D extends DraftObject>(first: Resource<T, D> | DraftObject, draft?: D): Promise<T> {
    const [resource, object] =
      draft === undefined ? [this.#resourceOf(first as DraftObject), first as D] : [first as Resource<T, D>, draft];
    const namespaced = resource.namespaced && !object.metadata.namespace;
    const complete = namespaced ? { ...object, metadata: { ...object.metadata, namespace: 'default' } } : object;
    const created = await this.client.create(resource as Resource<T, D>, complete);
    await this.settle();
    return created;
  }

  async find<T extends ApiObject>(first: T | Resource<T>, key?: ObjectKey): Promise<T | undefined> {
    const resource =
      key === undefined ? (this.#resourceOf(first as T) as unknown as Resource<T>) : (first as Resource<T>);
    try {
      const found = await this.client.get(resource, this.#complete(resource, key ?? keyOf(first as T)));
      const isNamesake = key === undefined && found.metadata.uid !== (first as T).metadata.uid;
      return isNamesake ? undefined : found;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async list<T, D>(resource: Resource<T, D>, namespace = 'default'): Promise<readonly T[]> {
    const all = !resource.namespaced || namespace === '';
    return (await this.client.list(resource, all ? {} : { namespace })).items;
  }

  async change<T extends ApiObject, D extends DraftObject>(
    resource: Resource<T, D>,
    key: ObjectKey,
    change: (object: T) => D,
  ): Promise<T> {
    const present = await this.client.get(resource, this.#complete(resource, key));
    const changed = await this.client.update(resource, change(present));
    await this.settle();
    return changed;
  }

  async advance(duration: number | string): Promise<void> {
    await this.clock.advance(milliseconds(duration), () => this.settle());
  }

  async eventually(check: () => Promise<void> | void, within: number | string = '5m'): Promise<void> {
    const deadline = this.clock.now() + milliseconds(within);
    for (;;) {
      await this.settle();
      try {
        return await check();
      } catch (error) {
        const step = this.clock.nextTimer;
        if (step === undefined || this.clock.now() + step > deadline) throw error;
        await this.clock.advance(step);
      }
    }
  }

  settle(): Promise<void> {
    return settle(() => ({ revision: this.server.context.caches.revision, busy: this.#parts.busy() }));
  }

  async rest(): Promise<void> {
    const deadline = performance.now() + restWithin;
    await this.settle();
    while (this.#parts.busy().length > 0) {
      if (performance.now() > deadline) throw new Error(`still at work: ${this.#parts.busy().join(', ')}`);
      await this.settle();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.stop();
  }

  #complete<T, D>(resource: Resource<T, D>, key: ObjectKey): ObjectKey {
    return resource.namespaced && key.namespace === undefined ? { ...key, namespace: 'default' } : key;
  }

  #resourceOf({ apiVersion, kind }: DraftObject): Resource {
    const resource = this.server.resources
      .all()
      .find((known) => known.apiVersion === apiVersion && known.kind === kind);
    if (!resource) throw new StatusError('NotFound', `no kind ${kind} in ${apiVersion}`);
    return resource;
  }
}

function milliseconds(duration: number | string): number {
  return typeof duration === 'number' ? duration : parseDuration(duration);
}
