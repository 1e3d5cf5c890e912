/** Asks a webhook what users may do. Source: apiserver's plugin/pkg/authorizer/webhook. */
import type { SubjectAccessReviewSpec } from '../../../api/authorization/subject-access-review.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import type { Decision, RequestAttributes } from '../../ports.ts';
import { failedStatus } from '../../webhooks/kubeconfig-webhook.ts';
import type { KubeconfigWebhook } from '../../webhooks/kubeconfig-webhook.ts';
import { retried } from '../../webhooks/retried.ts';
import type { AuthorizationWebhookMetrics, WebhookResult } from '../authorization-metrics.ts';
import type { AuthorizerPart } from '../authorizer-chain.ts';
import { accessQuestion } from './access-question.ts';
import { ExpiringDecisions } from './expiring-decisions.ts';
import { conditionsHold } from './match-conditions.ts';
import type { AccessCondition } from './match-conditions.ts';

/** How a webhook is asked. */
export interface WebhookAuthorizerOptions {
  readonly name: string;
  readonly send: KubeconfigWebhook;
  /** Of the reviews that it is sent. */
  readonly version: 'v1' | 'v1beta1';
  /** Milliseconds that an answer holds; 0: it is not remembered. */
  readonly authorizedTtl: number;
  readonly unauthorizedTtl: number;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** What it counts as when it can't be asked. */
  readonly failurePolicy: 'NoOpinion' | 'Deny';
  /** It is asked about what meets all of these only. */
  readonly conditions: readonly AccessCondition[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics?: AuthorizationWebhookMetrics | undefined;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** How many answers are remembered. */
const remembered = 8192;
/** Questions whose parts are longer are not remembered: anybody can make them up. */
const longestRemembered = 10_000;

const noOpinion: Decision = { allowed: false, reason: '' };

/** Makes the authorizer. Who asks the same at the same time shares one question. */
export function createWebhookAuthorizer(options: WebhookAuthorizerOptions): AuthorizerPart {
  const decisions = new ExpiringDecisions<Decision>(options.clock, remembered);
  const asking = new Map<string, Promise<Decision>>();
  const ask = (key: string, attributes: RequestAttributes, question: SubjectAccessReviewSpec): Promise<Decision> => {
    let pending = asking.get(key);
    if (!pending) {
      pending = answered(options, question)
        .then((decision) => {
          const ttl = decision.allowed ? options.authorizedTtl : options.unauthorizedTtl;
          if (isRememberable(attributes)) decisions.set(key, decision, ttl);
          return decision;
        })
        .catch((error: unknown) => failed(options, error))
        .finally(() => asking.delete(key));
      asking.set(key, pending);
    }
    return pending;
  };
  return {
    authorize(attributes) {
      const question = accessQuestion(attributes);
      try {
        if (!isConcerned(options, question)) return noOpinion;
      } catch (error) {
        return { allowed: false, denied: options.failurePolicy === 'Deny', reason: '', error: messageOf(error) };
      }
      const key = JSON.stringify(question);
      return decisions.get(key) ?? ask(key, attributes, question);
    },
    rulesFor: () => ({
      rules: [],
      incomplete: true,
      errors: ['webhook authorizer does not support user rule resolution'],
    }),
  };
}

function isRememberable(attributes: RequestAttributes): boolean {
  const { namespace, verb, group, version, resource, subresource, name, path } = attributes;
  const parts = [namespace, verb, group, version, resource, subresource, name, path];
  return parts.reduce((sum, part) => sum + part.length, 0) < longestRemembered;
}

/** Whether its conditions hold. Throws an Error when that can't be said. */
function isConcerned(
  { conditions, clock, metrics }: WebhookAuthorizerOptions,
  question: SubjectAccessReviewSpec,
): boolean {
  if (conditions.length === 0) return true;
  const began = clock.monotonic();
  const end = (result: 'holds' | 'excluded' | 'error'): void =>
    metrics?.matched(result, (clock.monotonic() - began) / 1000);
  try {
    const holds = conditionsHold(conditions, question);
    end(holds ? 'holds' : 'excluded');
    return holds;
  } catch (error) {
    end('error');
    throw error;
  }
}

function failed(options: WebhookAuthorizerOptions, error: unknown): Decision {
  const { name, failurePolicy, log, metrics, signal } = options;
  if (failurePolicy === 'NoOpinion' && !signal.aborted) metrics?.failedOpen(resultOf(error, signal));
  log.error('Failed to make webhook authorizer request', { authorizer: name, error: messageOf(error) });
  return { allowed: false, denied: failurePolicy === 'Deny', reason: '', error: messageOf(error) };
}

async function answered(options: WebhookAuthorizerOptions, question: SubjectAccessReviewSpec): Promise<Decision> {
  const body = JSON.stringify(reviewOf(options.version, question));
  return decisionOf(await retried(() => sent(options, body), options));
}

async function sent(
  { clock, send, timeout, metrics, signal }: WebhookAuthorizerOptions,
  body: string,
): Promise<string> {
  const late = new AbortController();
  using _timer = clock.after(timeout, () => late.abort(new Error('context deadline exceeded')));
  const began = clock.monotonic();
  const end = (result: WebhookResult): void => metrics?.asked(result, (clock.monotonic() - began) / 1000);
  try {
    const answer = await send(body, AbortSignal.any([signal, late.signal]));
    end('success');
    return answer;
  } catch (error) {
    end(resultOf(error, signal));
    throw error;
  }
}

/** What a failure counts as. Source: apiserver's plugin/pkg/authorizer/webhook. */
function resultOf(error: unknown, signal: AbortSignal): WebhookResult {
  if (signal.aborted) return 'canceled';
  const isLate = failedStatus(error) === 504 || messageOf(error).includes('context deadline exceeded');
  return isLate ? 'timeout' : 'error';
}

function reviewOf(version: 'v1' | 'v1beta1', { groups, ...rest }: SubjectAccessReviewSpec): object {
  // The old version names groups in the singular.
  const spec = groups === undefined ? rest : { ...rest, [version === 'v1' ? 'groups' : 'group']: groups };
  return { kind: 'SubjectAccessReview', apiVersion: `authorization.k8s.io/${version}`, metadata: {}, spec };
}

function decisionOf(answer: string): Decision {
  const review: unknown = JSON.parse(answer);
  const status = isJsonObject(review) ? review['status'] : undefined;
  if (!isJsonObject(status)) throw new Error('the answer is no SubjectAccessReview with a status');
  const { allowed = false, denied = false } = status;
  const reason = typeof status['reason'] === 'string' ? status['reason'] : '';
  if (typeof allowed !== 'boolean' || typeof denied !== 'boolean')
    throw new Error('allowed and denied of the answer must be true or false');
  if (allowed && denied) {
    const error = 'webhook subject access review returned both allow and deny response';
    return { allowed: false, denied: true, reason, error };
  }
  return { allowed, ...(denied ? { denied } : {}), reason };
}
