/** Shows a request to one webhook. Source: apiserver's admission/plugin/webhook dispatchers. */
import type { MutatingWebhook } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import type { ValidatingWebhook } from '../../../api/admissionregistration/validating-webhook-configuration.ts';
import { StatusError, messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import type { AdmissionContext, AdmissionRequest } from '../../ports.ts';
import type { ServedResources } from '../../served-resources.ts';
import type { WebhookClient } from '../../webhooks/webhook-client.ts';
import { webhookConditions } from '../policies/compiled-policy.ts';
import { requestBindings } from '../policies/request-bindings.ts';
import { whenDecided } from '../policies/when-decided.ts';
import { refusal } from '../refusal.ts';
import type { Shown, ShownObjects } from '../shown-objects.ts';
import { admissionReview, deniedError, readReview, reviewVersions } from './admission-review.ts';
import { timed } from '../../../base/metrics/timed.ts';
import type { ReviewAnswer } from './admission-review.ts';
import type { WebhookMetrics, WebhookOutcome } from './webhook-metrics.ts';
import { matchedResource, selectorsMatch } from './webhook-matching.ts';

/** A webhook of either kind. */
export type AnyWebhook = MutatingWebhook | ValidatingWebhook;

/** What calling webhooks takes. */
export interface WebhookParts {
  readonly call: WebhookClient;
  readonly resources: ServedResources;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: WebhookMetrics | undefined;
}

/** What asking the webhooks of one request takes. */
export interface Asking {
  readonly context: AdmissionContext;
  readonly parts: WebhookParts;
  readonly objects: ShownObjects;
}

/** A webhook whose business a request is, and what it sees of it. */
export interface Invocation<W extends AnyWebhook> {
  readonly webhook: W;
  readonly shown: Shown;
  /** The audit annotation that says that it could not be asked and was not needed. */
  readonly failedOpenKey?: string | undefined;
}

/** Whether and how a webhook sees a request. Throws Forbidden when its match conditions fail and so must the request. */
export async function invocationOf<W extends AnyWebhook>(
  webhook: W,
  request: AdmissionRequest,
  { context, parts, objects }: Asking,
): Promise<Invocation<W> | undefined> {
  const shownAs = matchedResource(webhook, request, parts.resources.all());
  if (!shownAs || !selectorsMatch(webhook, request, context)) return undefined;
  const { matchConditions = [], failurePolicy } = webhook;
  const shown = await objects.as(shownAs);
  if (matchConditions.length === 0) return { webhook, shown };
  const end = conditionTimer(webhook, request, parts.metrics);
  try {
    const values = requestBindings(request, shown, context);
    const conditions = webhookConditions(matchConditions);
    const holds = await whenDecided(() => conditions.hold(values));
    end?.(holds ? 'holds' : 'excluded');
    return holds ? { webhook, shown } : undefined;
  } catch (error) {
    end?.('error');
    if (failurePolicy === 'Ignore') return undefined;
    throw refusal(request, messageOf(error));
  }
}

function conditionTimer(
  { name }: AnyWebhook,
  { operation }: AdmissionRequest,
  metrics: WebhookMetrics | undefined,
): ((result: 'holds' | 'excluded' | 'error') => void) | undefined {
  if (!metrics) return undefined;
  const began = metrics.clock.monotonic();
  return (result) => metrics.matched({ name, operation }, result, (metrics.clock.monotonic() - began) / 1000);
}

/**
 * Calls a webhook; undefined when it could not be asked and need not be. Throws StatusError when it refuses, or when it could
 * not be asked and must be.
 */
export async function askWebhook<W extends AnyWebhook>(
  invocation: Invocation<W>,
  request: AdmissionRequest,
  parts: WebhookParts,
): Promise<ReviewAnswer | undefined> {
  const { metrics } = parts;
  if (!metrics) return ask(invocation, request, parts);
  const { name } = invocation.webhook;
  const asked = { name, operation: request.operation };
  return timed(metrics.clock, () => ask(invocation, request, parts), {
    done(answer, seconds) {
      if (!answer) metrics.failedOpen(name);
      metrics.asked(asked, { code: answer ? 200 : 500 }, seconds);
    },
    failed: (seconds, error) => metrics.asked(asked, outcomeOf(error), seconds),
  });
}

/** Of a webhook because of which a request is refused. */
function outcomeOf(error: unknown): WebhookOutcome {
  if (error instanceof StatusError && error.reason === 'InternalError' && error.cause !== undefined)
    return { code: 500, rejectedBecause: 'calling_webhook_error' };
  if (error instanceof Unasked) return { code: 0, rejectedBecause: 'apiserver_internal_error' };
  return { code: error instanceof StatusError ? error.code : 0, rejectedBecause: 'no_error' };
}

/** A webhook that must not be asked. */
class Unasked extends StatusError {}

async function ask<W extends AnyWebhook>(
  { webhook, shown, failedOpenKey }: Invocation<W>,
  request: AdmissionRequest,
  parts: WebhookParts,
): Promise<ReviewAnswer | undefined> {
  const { name, sideEffects, failurePolicy, admissionReviewVersions, timeoutSeconds, clientConfig: target } = webhook;
  if (request.dryRun && sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    throw new Unasked('BadRequest', `admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  let answer: ReviewAnswer;
  try {
    const version = admissionReviewVersions.find((one) => (reviewVersions as readonly string[]).includes(one));
    if (!version) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
    const uid = parts.random.uuid();
    const body = admissionReview(request, { version, uid, ...shown });
    const heard = await parts.call({ target, body, timeoutSeconds }).catch((error: unknown) => {
      throw new Error(`failed to call webhook: ${messageOf(error)}`, { cause: error });
    });
    answer = readAnswer(heard, { version, uid });
  } catch (error) {
    const failure = `failed calling webhook ${JSON.stringify(name)}: ${messageOf(error)}`;
    if (failurePolicy === 'Ignore') {
      parts.log.warning('A webhook could not be asked, and is not needed', { webhook: name, error });
      if (failedOpenKey !== undefined) request.annotate?.(failedOpenKey, name);
      return undefined;
    }
    throw new StatusError('InternalError', `Internal error occurred: ${failure}`, { cause: error });
  }
  request.warnings?.push(...answer.warnings);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) request.annotate?.(`${name}/${key}`, value);
  if (!answer.allowed) throw deniedError(name, answer.result);
  return answer;
}

function readAnswer(heard: unknown, asked: { readonly version: string; readonly uid: string }): ReviewAnswer {
  try {
    return readReview(heard, asked);
  } catch (error) {
    throw new Error(`received invalid webhook response: ${messageOf(error)}`, { cause: error });
  }
}
