import type { Pod as PodObject, PodStatus } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Client } from '../../client/client.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import { ownedConditions } from './pod-conditions.ts';
import { statusPatch } from './status-patch.ts';

/** Options of `StatusWriter`. */
export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** The API's newest known version of a pod; of a static pod's mirror for a static pod. */
  readonly current: (pod: PodObject) => PodObject | undefined;
  /** Takes the answer of a write, ahead of the watch. */
  readonly written: (pod: PodObject) => void;
  readonly signal: AbortSignal;
}

interface Entry {
  pod: PodObject;
  desired: PodStatus;
  writing: Promise<void> | undefined;
}

const firstRetry = 200;
const longestRetry = 2_000;

/** Writes the statuses of pods: at once, one write per pod at a time, always the newest. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Reports a pod's status. Returns at once. */
  set(pod: PodObject, desired: PodStatus): void {
    const { uid } = pod.metadata;
    const entry: Entry = this.#entries.get(uid) ?? { pod, desired, writing: undefined };
    entry.pod = pod;
    entry.desired = desired;
    this.#entries.set(uid, entry);
    this.#write(entry);
  }

  /** Writes again if the API has something else than was last reported, as when a mirror pod was made anew. */
  check(uid: string): void {
    const entry = this.#entries.get(uid);
    if (entry) this.#write(entry);
  }

  /** Resolves when the API has what was last reported, or will never have it. */
  async flush(uid: string): Promise<void> {
    for (let entry = this.#entries.get(uid); entry?.writing; entry = this.#entries.get(uid)) await entry.writing;
  }

  /** The pod with the status that was last reported, and the conditions of others. */
  overlay(pod: PodObject): PodObject {
    const desired = this.#entries.get(pod.metadata.uid)?.desired;
    if (!desired) return pod;
    const owned: readonly string[] = ownedConditions;
    const foreign = (pod.status.conditions ?? []).filter(({ type }) => !owned.includes(type));
    return { ...pod, status: { ...pod.status, ...desired, conditions: [...(desired.conditions ?? []), ...foreign] } };
  }

  /** Forgets a pod that is gone. */
  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  /** Resolves when no write is under way. */
  async settle(): Promise<void> {
    for (const { writing } of this.#entries.values()) await writing;
  }

  #write(entry: Entry): void {
    entry.writing ??= this.#writeAll(entry).finally(() => {
      entry.writing = undefined;
    });
  }

  async #writeAll(entry: Entry): Promise<void> {
    const { signal, clock, log, current } = this.#options;
    let retry = firstRetry;
    let last = '';
    while (!signal.aborted) {
      const pod = current(entry.pod);
      const body = pod && statusPatch(pod.metadata.uid, pod.status, entry.desired);
      const text = JSON.stringify(body);
      // A server that does not take a patch as it is must not be sent it for ever.
      if (!pod || !body || text === last) return;
      try {
        await this.#patch(pod, body);
        last = text;
        retry = firstRetry;
      } catch (error) {
        if (signal.aborted || hasReason(error, 'NotFound', 'Conflict')) return;
        log.warning('Failed to update status for pod', { pod: keyString(keyOf(pod)), err: error });
        if (hasReason(error, 'Invalid', 'BadRequest', 'UnsupportedMediaType')) return;
        await clock.sleep(retry, signal).catch(() => undefined);
        retry = Math.min(retry * 2, longestRetry);
      }
    }
  }

  async #patch(pod: PodObject, body: NonNullable<ReturnType<typeof statusPatch>>): Promise<void> {
    const { client, signal, written } = this.#options;
    const answer = await client.patch(Pod, keyOf(pod), { type: 'strategic', body }, { subresource: 'status', signal });
    written(answer);
  }
}
