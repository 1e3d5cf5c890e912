/** Brings the configuration from the store to priority and fairness, and says in each schema whether its level is there. */
import { FlowSchema } from '../../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfiguration } from '../../api/flowcontrol/priority-level-configuration.ts';
import { timestamp } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import { Informer } from '../../client/informer.ts';
import { isUsable } from './priority-level.ts';
import type { PriorityAndFairness } from './priority-and-fairness.ts';

/** What the feed needs. */
export interface ConfigurationFeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

const fieldManager = 'api-priority-and-fairness-config-consumer-v1';
/** Servers that disagree must not write for ever: so many updates a minute at most, of one schema. */
const updatesPerMinute = 6;
/** After how many milliseconds it is tried again to write what could not be written. */
const retryAfter = 60_000;

/** Configures until aborted. `ready` resolves once it has been done. */
export function feedConfiguration(
  flowControl: PriorityAndFairness,
  { signal, ...options }: ConfigurationFeedOptions,
): { readonly ready: Promise<void>; readonly done: Promise<void> } {
  const levels = new Informer({ ...options, resource: PriorityLevelConfiguration });
  const schemas = new Informer({ ...options, resource: FlowSchema });
  let pending = false;
  const conditions = new DanglingConditions(options, () => changed());
  const digest = (): void => {
    pending = false;
    if (signal.aborted || !levels.hasSynced || !schemas.hasSynced) return;
    const [levelObjects, schemaObjects] = [[...levels.cache.list()], [...schemas.cache.list()]];
    flowControl.configure(levelObjects, schemaObjects);
    const usable = new Set(levelObjects.filter(isUsable).map(({ metadata }) => metadata.name));
    for (const schema of schemaObjects)
      conditions.keep(schema, usable.has(schema.spec.priorityLevelConfiguration.name));
  };
  const changed = (): void => {
    if (pending) return;
    pending = true;
    queueMicrotask(digest);
  };
  levels.subscribe(changed);
  schemas.subscribe(changed);
  return {
    ready: Promise.all([levels.whenSynced(signal), schemas.whenSynced(signal)]).then(digest),
    done: Promise.all([levels.run(signal), schemas.run(signal)]).then(() => undefined),
  };
}

/** Writes the condition `Dangling` where it is not as it should be. */
class DanglingConditions {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #again: () => void;
  #retrying = false;
  /** When each schema was written lately. */
  readonly #written = new Map<string, readonly number[]>();

  /** `again`: calls for all schemas to be looked at once more. */
  constructor({ client, clock, log }: Omit<ConfigurationFeedOptions, 'signal'>, again: () => void) {
    this.#again = again;
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  keep({ metadata: { name }, spec, status }: FlowSchema, found: boolean): void {
    const level = JSON.stringify(spec.priorityLevelConfiguration.name);
    const about = `This FlowSchema references the PriorityLevelConfiguration object named ${level}`;
    const wanted = found
      ? { status: 'False', reason: 'Found', message: `${about} and it exists` }
      : { status: 'True', reason: 'NotFound', message: `${about} but there is no such object` };
    const current = status.conditions?.find(({ type }) => type === 'Dangling');
    const holds =
      current?.status === wanted.status && current.reason === wanted.reason && current.message === wanted.message;
    if (holds) return;
    if (this.#mayWrite(name)) void this.#write(name, wanted);
    else this.#later();
  }

  #later(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#clock.after(retryAfter, () => {
      this.#retrying = false;
      this.#again();
    });
  }

  #mayWrite(name: string): boolean {
    const now = this.#clock.monotonic();
    const lately = (this.#written.get(name) ?? []).filter((at) => now - at < 60_000);
    if (lately.length >= updatesPerMinute) return false;
    this.#written.set(name, [...lately, now]);
    return true;
  }

  async #write(name: string, condition: object): Promise<void> {
    const lastTransitionTime = timestamp(this.#clock.now());
    const body = {
      apiVersion: FlowSchema.apiVersion,
      kind: FlowSchema.kind,
      metadata: { name },
      status: { conditions: [{ type: 'Dangling', ...condition, lastTransitionTime }] },
    };
    try {
      const options = { subresource: 'status', fieldManager, force: true };
      await this.#client.patch(FlowSchema, { name }, { type: 'apply', body }, options);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      this.#log.error('The condition Dangling could not be written', { flowSchema: name, error });
      this.#later();
    }
  }
}
