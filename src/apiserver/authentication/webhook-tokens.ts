/** Asks a webhook whom tokens speak for. Source: apiserver's plugin/pkg/authenticator/token/webhook. */
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { TokenReview } from '../../api/authentication/token-review.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { KubeconfigWebhook } from '../webhooks/kubeconfig-webhook.ts';
import { retried } from '../webhooks/retried.ts';
import type { RetryContext } from '../webhooks/retried.ts';
import { TokenCache } from './token-cache.ts';
import type { TokenSource, VerifiedToken } from './token-authenticator.ts';

/** Settings of a webhook. */
export interface TokenWebhookSettings {
  readonly call: KubeconfigWebhook;
  /** Of the reviews that it takes. */
  readonly version: 'v1' | 'v1beta1';
  /** Milliseconds that its answers are believed; 0: not at all. */
  readonly cacheTtl: number;
}

/** What asking takes. */
export interface TokenWebhookContext extends RetryContext {
  readonly log: Logger;
  /** Audiences of the API server, for which webhooks that know of none answer. */
  readonly audiences: readonly string[];
}

type ReviewStatus = TokenReview['status'];

/** Makes the source. That the webhook can't be reached, or answers nonsense, is an error like a refusal. */
export function createWebhookTokens(settings: TokenWebhookSettings, context: TokenWebhookContext): TokenSource {
  const cache = new TokenCache<VerifiedToken | undefined>({
    clock: context.clock,
    ttl: settings.cacheTtl,
    async verify(token, asked) {
      return verified(await reviewed(token, asked, { settings, context }), { token, asked, own: context.audiences });
    },
  });
  return { verify: (token, asked) => cache.verify(token, asked) };
}

interface Asking {
  readonly settings: TokenWebhookSettings;
  readonly context: TokenWebhookContext;
}

async function reviewed(
  token: string,
  audiences: readonly string[],
  { settings: { call, version }, context }: Asking,
): Promise<ReviewStatus> {
  const apiVersion = `${TokenReview.group}/${version}`;
  const spec = audiences.length === 0 ? { token } : { token, audiences };
  const body = JSON.stringify({ kind: TokenReview.kind, apiVersion, metadata: {}, spec, status: { user: {} } });
  try {
    return statusOf(await retried(() => call(body, context.signal), context), apiVersion);
  } catch (error) {
    const refusal = withoutToken(messageOf(error), token);
    context.log.error('Failed to make webhook authenticator request', { error: refusal.message });
    throw refusal;
  }
}

/** A webhook may repeat in its answer what it was asked. The cause is left out: it may do so as well. */
function withoutToken(message: string, token: string): Error {
  return new Error(message.replaceAll(token, 'REDACTED'));
}

/** The status of a review that was answered. Throws for what is none. */
function statusOf(answer: string, apiVersion: string): ReviewStatus {
  const review = parsed(answer);
  if (!isJsonObject(review) || review['kind'] !== TokenReview.kind || review['apiVersion'] !== apiVersion) {
    throw new Error(`the webhook answered with something else than a TokenReview of ${apiVersion}`);
  }
  const { object } = decodeStruct(TokenReview.schema, { status: review['status'] ?? {} }, TokenReview);
  return object['status'] as ReviewStatus;
}

/** Undefined for what is no JSON: the parser's error would show some of it. */
function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}

function verified(
  { authenticated, user, error, audiences = [] }: ReviewStatus,
  { token, asked, own }: { readonly token: string; readonly asked: readonly string[]; readonly own: readonly string[] },
): VerifiedToken | undefined {
  const answered = audiences.length > 0 ? audiences : own;
  const shared = asked.filter((audience) => answered.includes(audience));
  if (shared.length === 0) return undefined;
  if (!authenticated) {
    if (error) throw withoutToken(error, token);
    return undefined;
  }
  const { username: name, uid, groups = [], extra } = user;
  if (!name) throw new Error('the webhook authenticated a token without saying whose it is');
  return {
    user: { name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) },
    audiences: shared,
  };
}
