import { TokenRequest } from '../../api/authentication/token-request.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { ServiceAccountToken, TokenQuestion } from './volume-plugin.ts';

interface Known extends ServiceAccountToken {
  readonly renewAt: number;
}

/** The share of a token's life after which it is renewed. Source: upstream pkg/kubelet/token. */
const renewalShare = 0.8;
const longestUse = 24 * 3600 * 1000;

/** Asks the API server for service account tokens bound to pods, and keeps them while they are fresh. */
export class ServiceAccountTokens {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(options: { readonly client: Client; readonly clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
  }

  /** A token with most of its life ahead. If it can't be renewed, an old one serves as long as it is valid. */
  async token(question: TokenQuestion, signal: AbortSignal): Promise<ServiceAccountToken> {
    const key = keyOf(question);
    const known = this.#known.get(key);
    const now = this.#clock.now();
    if (known && now < known.renewAt) return known;
    try {
      const fresh = await this.#request(question, signal);
      this.#known.set(key, fresh);
      return fresh;
    } catch (error) {
      if (known && now < known.expiresAt) return known;
      throw error;
    }
  }

  /** Forgets the tokens of a pod that is gone. */
  forget(podUid: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${podUid}\n`)) this.#known.delete(key);
  }

  async #request({ pod, audience, expirationSeconds }: TokenQuestion, signal: AbortSignal): Promise<Known> {
    const { name, namespace, uid } = pod.metadata;
    const account = { namespace, name: pod.spec.serviceAccountName || 'default' };
    const answer = await this.#client.createSubresource(
      ServiceAccount,
      account,
      {
        subresource: 'token',
        kind: TokenRequest,
        object: {
          metadata: {},
          spec: {
            audiences: audience ? [audience] : [],
            expirationSeconds,
            boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
          },
        },
      },
      { signal },
    );
    const now = this.#clock.now();
    const expiresAt = Date.parse(answer.status.expirationTimestamp ?? '') || now + expirationSeconds * 1000;
    const renewAt = now + Math.min((expiresAt - now) * renewalShare, longestUse);
    return { token: answer.status.token ?? '', expiresAt, renewAt };
  }
}

function keyOf({ pod, audience, expirationSeconds }: TokenQuestion): string {
  return [pod.metadata.uid, audience ?? '', expirationSeconds].join('\n');
}
