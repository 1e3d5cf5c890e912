/**
 * Notes which tokens in Secrets are still used, and since when that is noted: by both the cleaner finds those that
 * nobody needs. Source: serviceaccount/legacy, controller/legacytokentracking.
 */
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { ConfigMap } from '../../api/core/config-map.ts';
import { dayOf, isDay, lastUsedLabel, trackingKey } from '../../api/core/legacy-token.ts';
import { Secret } from '../../api/core/secret.ts';
import type { Client } from '../../client/client.ts';

const resyncMs = 12 * 3600_000;
const dayMs = 24 * 3600_000;

/** Labels a Secret with the day of its token's last use; answers the day. That it can't be noted forbids nothing. */
export async function noteTokenUse(
  { metadata }: Secret,
  { client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Logger },
): Promise<string> {
  const today = dayOf(clock.now());
  const { name, namespace = '', uid, labels } = metadata;
  const lastUsed = labels?.[lastUsedLabel];
  // Another server's clock may be a little ahead.
  if (lastUsed === today || lastUsed === dayOf(clock.now() + dayMs)) return today;
  try {
    const body = { metadata: { uid, labels: { [lastUsedLabel]: today } } };
    await client.patch(Secret, { namespace, name }, { type: 'merge', body });
  } catch (error) {
    log.error('The last use of a legacy service account token was not noted', { namespace, secret: name, error });
  }
  return today;
}

/** Keeps the ConfigMap that says since when uses are noted. */
export class LegacyTokenTracking {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor({ client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  /** Looks at it twice a day, until aborted; it is made when it is missing. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.keep();
      } catch (error) {
        if (!signal.aborted) this.#log.error('The tracking of legacy tokens was not noted', { error });
      }
      try {
        await this.#clock.sleep(resyncMs, signal);
      } catch {
        return;
      }
    }
  }

  /** Makes the ConfigMap, or puts it right. */
  async keep(): Promise<void> {
    const data = { since: dayOf(this.#clock.now()) };
    try {
      const kept = await this.#client.get(ConfigMap, trackingKey);
      if (!isDay(kept.data?.['since'])) await this.#client.update(ConfigMap, { ...kept, data });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      await this.#client.create(ConfigMap, { metadata: trackingKey, data });
    }
  }
}
