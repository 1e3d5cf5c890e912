import { mandatoryFlowSchemas } from '../../api/flowcontrol/bootstrap-objects.ts';
import type { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { User } from '../ports.ts';
import type { PriorityLevel } from './priority-level.ts';
import { matchesSchema, namesNamespaces } from './schema-matching.ts';
import type { AskedFor } from './schema-matching.ts';
import type { SchemaCounters } from './schema-counters.ts';
import { dealHand, flowHash } from './shuffle-sharding.ts';

/** What is known of a schema: of one that must be there and is not in the store, without a UID. */
export interface SchemaObject {
  readonly metadata: { readonly name: string; readonly uid?: string | undefined };
  readonly spec: FlowSchema['spec'];
}

/** Requests that share a hand of queues. */
export interface Flow {
  readonly distinguisher: string;
  readonly hand: readonly number[];
  /** Its requests that wait or are being served. */
  underWay: number;
  /** The last turn of the event loop in which it began anything. */
  turn: number;
}

/** What a request asks for; `kind` if that is served here. */
export interface ClassifiedRequest extends AskedFor {
  readonly name: string;
  readonly kind: Resource | undefined;
}

/** Answers remembered per user, and flows per schema: what clients make up must not fill the memory. */
const rememberedPerUser = 1000;
const rememberedFlows = 10_000;

/** A schema with its level. */
export class SchemaInUse {
  readonly object: SchemaObject;
  readonly level: PriorityLevel;
  readonly counters: SchemaCounters;
  /** What every answer to a request of this schema says. */
  readonly headers: Readonly<Record<string, string>>;
  readonly #flows = new Map<string, Flow>();

  constructor(object: SchemaObject, level: PriorityLevel, counters: SchemaCounters) {
    this.object = object;
    this.level = level;
    this.counters = counters;
    // UIDs, not names: what operators call things is not everybody's business.
    this.headers = {
      'x-kubernetes-pf-flowschema-uid': object.metadata.uid ?? '',
      'x-kubernetes-pf-prioritylevel-uid': level.object.metadata.uid ?? '',
    };
  }

  get name(): string {
    return this.object.metadata.name;
  }

  /** The flow of a request. */
  flowOf(user: User, namespace: string): Flow {
    const method = this.object.spec.distinguisherMethod?.type;
    const distinguisher = method === 'ByUser' ? user.name : method === 'ByNamespace' ? namespace : '';
    const known = this.#flows.get(distinguisher);
    if (known) return known;
    const { config } = this.level.queues;
    const hand =
      config.kind === 'queueing' ? dealHand(flowHash(this.name, distinguisher), config.queues, config.handSize) : [];
    const flow: Flow = { distinguisher, hand, underWay: 0, turn: -1 };
    if (this.#flows.size >= rememberedFlows) this.#flows.clear();
    this.#flows.set(distinguisher, flow);
    return flow;
  }
}

/** Answers for one user: by kind, then by verb and subresource; in a namespace and in none. */
interface Remembered {
  readonly namespaced: Map<Resource, Map<string, SchemaInUse>>;
  readonly cluster: Map<Resource, Map<string, SchemaInUse>>;
  readonly paths: Map<string, SchemaInUse>;
}

/** Finds the schema of a request; the answers are remembered, so that most cost a look-up. */
export class Classifier {
  readonly #schemas: readonly SchemaInUse[];
  readonly #byNamespace: boolean;
  readonly #remembered = new WeakMap<User, Remembered>();

  /** In any order. The last to be asked must cover everything. */
  constructor(schemas: readonly SchemaInUse[]) {
    this.#schemas = [...schemas].sort(byPrecedence);
    this.#byNamespace = schemas.some(({ object }) => namesNamespaces(object.spec));
  }

  get schemas(): readonly SchemaInUse[] {
    return this.#schemas;
  }

  classify(user: User, request: ClassifiedRequest): SchemaInUse {
    const known = this.#answersFor(user, request);
    if (!known) return this.#find(user, request);
    const question = this.#questionOf(request);
    const answer = known.get(question);
    if (answer) return answer;
    const found = this.#find(user, request);
    if (known.size < rememberedPerUser) known.set(question, found);
    return found;
  }

  /** Undefined for kinds that are not served here, whose names may be made up. */
  #answersFor(user: User, { isResource, kind, namespace }: ClassifiedRequest): Map<string, SchemaInUse> | undefined {
    let remembered = this.#remembered.get(user);
    if (!remembered) {
      remembered = { namespaced: new Map(), cluster: new Map(), paths: new Map() };
      this.#remembered.set(user, remembered);
    }
    if (!isResource) return remembered.paths;
    if (!kind) return undefined;
    const byKind = namespace === '' ? remembered.cluster : remembered.namespaced;
    let answers = byKind.get(kind);
    if (!answers) byKind.set(kind, (answers = new Map()));
    return answers;
  }

  #questionOf({ isResource, verb, path, subresource, namespace }: ClassifiedRequest): string {
    if (!isResource) return `${verb} ${path}`;
    if (this.#byNamespace) return `${verb}/${subresource}/${namespace}`;
    return subresource === '' ? verb : `${verb}/${subresource}`;
  }

  #find(user: User, request: ClassifiedRequest): SchemaInUse {
    const found = this.#schemas.find(({ object }) => matchesSchema(object.spec, user, request));
    // Users of neither standing group are of none of the usual schemas.
    return found ?? this.#schemas.find(({ name }) => name === 'catch-all') ?? this.#schemas.at(-1)!;
  }
}

/** Source: apihelpers.FlowSchemaSequence. */
function byPrecedence({ object: a }: SchemaInUse, { object: b }: SchemaInUse): number {
  const order = a.spec.matchingPrecedence - b.spec.matchingPrecedence;
  if (order !== 0) return order;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}

/** The schemas that must be there. */
export const mandatorySchemas: readonly SchemaObject[] = Object.entries(mandatoryFlowSchemas).map(([name, spec]) => ({
  metadata: { name },
  spec,
}));
