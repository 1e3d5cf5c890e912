/** Asks webhooks again. Source: apiserver's util/webhook, DefaultAuthWebhookRetryBackoff. */
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { failedStatus } from './kubeconfig-webhook.ts';

const attempts = 5;
const initialMs = 500;
const factor = 1.5;
const jitter = 0.2;

/** What waiting takes. */
export interface RetryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** Calls a webhook, up to five times while its failure may pass. Rejects with the last failure. */
export async function retried<T>(call: () => Promise<T>, { clock, random, signal }: RetryContext): Promise<T> {
  let delay = initialMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === attempts || !isTransient(error) || signal.aborted) throw error;
    }
    await clock.sleep(delay * (1 + jitter * random.next()), signal);
    delay *= factor;
  }
}

/** A server that is overloaded or has lost its connections may answer next time; one that refuses will not. */
function isTransient(error: unknown): boolean {
  const status = failedStatus(error);
  if (status !== undefined) return status === 429 || status === 500 || status === 504;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === 'ECONNRESET') return true;
  }
  return false;
}
