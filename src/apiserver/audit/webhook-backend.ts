import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { AuditBackend, AuditFailures } from './audit-backend.ts';
import { eventText } from './audit-event.ts';

/** Sends a body to where events are collected; rejects unless it was taken. */
export type PostEvents = (body: string) => Promise<void>;

/** How often and when is tried again. Source: apiserver's DefaultRetryBackoffWithInitialDelay. */
const attempts = 5;
const factor = 1.5;
const jitter = 0.2;

/** What a webhook backend is made of. */
export interface WebhookBackendParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly failures: AuditFailures;
  /** Aborted when the server stops: what fails then is not tried again. */
  readonly signal: AbortSignal;
}

/**
 * Sends events as an EventList, again after any failure: there is hardly one that does not pass. `initialBackoff` is in
 * milliseconds. Source: apiserver's plugin/pkg/audit/webhook.
 */
export function webhookBackend(post: PostEvents, initialBackoff: number, parts: WebhookBackendParts): AuditBackend {
  return {
    async process(events) {
      const items = events.map(eventText).join(',');
      const body = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`;
      try {
        await insist(() => post(body), initialBackoff, parts);
        return true;
      } catch (error) {
        parts.failures.failed('webhook', error, events);
        return false;
      }
    },
    close: async () => undefined,
  };
}

async function insist(
  act: () => Promise<void>,
  initialBackoff: number,
  { clock, random, signal }: WebhookBackendParts,
): Promise<void> {
  let delay = initialBackoff;
  for (let attempt = 1; ; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (attempt === attempts || !(await slept(clock, delay * (1 + jitter * random.next()), signal)))
        throw new Error(`after ${attempt} attempts: ${messageOf(error)}`, { cause: error });
      delay *= factor;
    }
  }
}

/** Whether the time has passed; it has not when the server stops. */
async function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch {
    return false;
  }
}
