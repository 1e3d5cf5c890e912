import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testAuthority } from '../../machinery/testing/test-certificates.ts';

/** What a webhook of a test answers: the `response` of a review, or a status code alone. */
export type WebhookAnswer = Readonly<Record<string, unknown>> | number;

/** A server of webhooks, on a free port of loopback: each path has its own function. */
export interface WebhookServer extends AsyncDisposable {
  readonly url: string;
  /** Base64 of the PEM of its authority. */
  readonly caBundle: string;
  /** Reviews that were heard, in their order. */
  readonly heard: readonly ReviewRequest[];
}

/** The `request` of a review. */
export interface ReviewRequest {
  readonly uid: string;
  readonly operation: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly dryRun?: boolean;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly object: Readonly<Record<string, unknown>> | null;
  readonly oldObject: Readonly<Record<string, unknown>> | null;
}

/** Starts a server; an answer that is undefined is never given. */
export async function webhookServer(
  answers: Readonly<Record<string, (request: ReviewRequest) => WebhookAnswer | undefined>>,
): Promise<WebhookServer> {
  const authority = await testAuthority();
  const heard: ReviewRequest[] = [];
  const server = createServer(await authority.server(), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()) as { apiVersion: string; request: ReviewRequest };
      heard.push(review.request);
      const answer = answers[request.url?.split('?')[0] ?? '']?.(review.request);
      if (answer === undefined) return;
      if (typeof answer === 'number') {
        response.writeHead(answer, { location: '/elsewhere' }).end();
        return;
      }
      const body = { ...review, request: undefined, response: { uid: review.request.uid, ...answer } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority.cert).toString('base64'),
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answer that applies a JSON patch. */
export function patchAnswer(patch: readonly object[]): WebhookAnswer {
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
}
