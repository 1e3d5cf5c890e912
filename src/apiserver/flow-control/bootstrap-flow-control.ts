/** Keeps the priority levels and flow schemas that every cluster has. Source: kubernetes' registry/flowcontrol/ensurer. */
import {
  autoUpdateAnnotations,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '../../api/flowcontrol/bootstrap-objects.ts';
import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

/** How often the objects are looked at, in milliseconds. */
const period = 60_000;
/** Says whether the server may bring an object up to date. */
const annotation = Object.keys(autoUpdateAnnotations)[0]!;

/** What keeping the objects takes. */
export interface BootstrapOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Makes what is missing and brings up to date what is not: of the mandatory ones all, of the others those left alone. */
export async function bootstrapFlowControl(client: Client): Promise<void> {
  await Promise.all([
    ensureAll(client, levelKeeper, { mandatory: mandatoryPriorityLevels, suggested: suggestedPriorityLevels }),
    ensureAll(client, schemaKeeper, { mandatory: mandatoryFlowSchemas, suggested: suggestedFlowSchemas }),
  ]);
}

/** Does so every minute until aborted. */
export async function keepFlowControl({ client, clock, log }: BootstrapOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(period, signal).catch(() => undefined);
    if (signal.aborted) return;
    await bootstrapFlowControl(client).catch((error: unknown) => {
      if (!signal.aborted) log.error('Priority levels and flow schemas could not be kept up to date', { error });
    });
  }
}

/** An object of either kind. */
interface Kept<S> {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec: S;
}

/** What is done to objects of one kind. */
interface Keeper<S> {
  list(client: Client): Promise<readonly Kept<S>[]>;
  create(client: Client, name: string, spec: S): Promise<unknown>;
  update(client: Client, object: Kept<S>): Promise<unknown>;
  delete(client: Client, name: string): Promise<unknown>;
  /** The spec that an object is to have whose spec is `current`. */
  wanted(spec: S, current: S): S;
}

interface KnownSpecs<S> {
  readonly mandatory: Readonly<Record<string, S>>;
  readonly suggested: Readonly<Record<string, S>>;
}

const schemaKeeper: Keeper<FlowSchema['spec']> = {
  list: async (client) => (await client.list(FlowSchema)).items,
  create: (client, name, spec) =>
    client.create(FlowSchema, { metadata: { name, annotations: autoUpdateAnnotations }, spec }),
  update: (client, object) => client.update(FlowSchema, object),
  delete: (client, name) => client.delete(FlowSchema, { name }),
  wanted: (spec) => spec,
};

const levelKeeper: Keeper<PriorityLevelConfiguration['spec']> = {
  list: async (client) => (await client.list(PriorityLevelConfiguration)).items,
  create: (client, name, spec) =>
    client.create(PriorityLevelConfiguration, { metadata: { name, annotations: autoUpdateAnnotations }, spec }),
  update: (client, object) => client.update(PriorityLevelConfiguration, object),
  delete: (client, name) => client.delete(PriorityLevelConfiguration, { name }),
  // How much the exempt level lends is for operators to say.
  wanted: (spec, current) => (spec.type === 'Exempt' && current.exempt ? { ...spec, exempt: current.exempt } : spec),
};

async function ensureAll<S>(client: Client, keeper: Keeper<S>, { mandatory, suggested }: KnownSpecs<S>): Promise<void> {
  const current = new Map((await keeper.list(client)).map((object) => [object.metadata.name, object]));
  const ensure = async (name: string, spec: S, always: boolean): Promise<void> => {
    const object = current.get(name);
    if (!object) return void (await keeper.create(client, name, spec));
    const changed = broughtUpToDate(object, keeper.wanted(spec, object.spec), always);
    if (changed) await keeper.update(client, changed);
  };
  const leftovers = [...current.values()].filter(
    ({ metadata: { name, annotations } }) =>
      !(name in mandatory) && !(name in suggested) && flag(annotations?.[annotation]) === true,
  );
  await Promise.all([
    ...Object.entries(suggested).map(([name, spec]) => unlessRaced(ensure(name, spec, false))),
    ...Object.entries(mandatory).map(([name, spec]) => unlessRaced(ensure(name, spec, true))),
    ...leftovers.map(({ metadata: { name } }) => unlessRaced(keeper.delete(client, name))),
  ]);
}

/** Another server keeps the same objects. */
async function unlessRaced(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists') && !hasReason(error, 'Conflict') && !hasReason(error, 'NotFound'))
      throw error;
  }
}

/** The object as it is to be; undefined if it is so. */
function broughtUpToDate<S>(object: Kept<S>, wanted: S, always: boolean): Kept<S> | undefined {
  const { metadata, spec } = object;
  const said = flag(metadata.annotations?.[annotation]);
  // Without a word, who has not touched the spec has nothing against it.
  const updates = always || (said ?? metadata.generation === 1);
  const stale = updates && !equalJson(spec, wanted);
  if (!stale && said === updates) return undefined;
  const annotations = { ...metadata.annotations, [annotation]: String(updates) };
  return { ...object, metadata: { ...metadata, annotations }, spec: stale ? wanted : spec };
}

/** Source: Go's strconv.ParseBool. */
function flag(text: string | undefined): boolean | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text ?? '')) return true;
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text ?? '') ? false : undefined;
}
