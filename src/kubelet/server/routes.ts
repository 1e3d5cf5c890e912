import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { StatusError } from '../../base/errors.ts';
import { hasRuntimeCode } from '../cri/runtime-error.ts';
import type { KubeletServices } from '../pod/kubelet-services.ts';
import type { PodWorkers } from '../pod/pod-workers.ts';
import { requestTarget } from '../streaming/request-target.ts';
import type { PodTarget } from '../streaming/streaming-request.ts';
import { configz } from './configz.ts';
import { readContainerLog } from './container-log.ts';
import { parseLogQuery } from './container-log-query.ts';
import { kubeletMetrics, resourceMetrics } from './kubelet-metrics.ts';
import { logTarget } from './log-target.ts';
import { findPod } from './runtime-streams.ts';
import { statsSummary } from './stats-summary.ts';

/** What requests are answered from. */
export interface ServerParts {
  readonly services: KubeletServices;
  readonly workers: PodWorkers;
}

/** A request that is being answered. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
}

type Route = (exchange: Exchange, parts: ServerParts, path: readonly string[]) => Promise<void>;

const routes: Readonly<Record<string, Route>> = {
  healthz: async ({ response }) => plain(response, 'ok'),
  pods: async ({ response }, { services, workers }) => {
    const items = workers.pods().map((pod) => services.statuses.overlay(pod));
    json(response, { kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
  },
  configz: async ({ response }, { services: { config, directories } }) => json(response, configz(config, directories)),
  metrics: async ({ response, signal }, { services }, [, kind]) => {
    if (kind === undefined) return plain(response, await kubeletMetrics(services, signal));
    if (kind === 'resource') return plain(response, await resourceMetrics(services, signal));
    throw new StatusError('NotFound', `there are no metrics at /metrics/${kind}`);
  },
  stats: async ({ response, signal }, { services }) => json(response, await statsSummary(services, signal)),
  containerLogs: streamLog,
};

/** Answers a request; the caller has authorized it. Throws StatusError. */
export async function answer(exchange: Exchange, parts: ServerParts): Promise<void> {
  const { segments: path } = requestTarget(exchange.request.url ?? '/');
  const route = routes[path[0] ?? ''];
  if (!route || !Object.hasOwn(routes, path[0] ?? '')) throw new StatusError('NotFound', '404 page not found');
  if (exchange.request.method !== 'GET')
    throw new StatusError('MethodNotAllowed', `${exchange.request.method ?? ''} is not allowed here`);
  await route(exchange, parts, path);
}

async function streamLog(
  { request, response, signal }: Exchange,
  parts: ServerParts,
  path: readonly string[],
): Promise<void> {
  const { services, workers } = parts;
  const [, namespace = '', pod = '', ...rest] = path;
  const [uid, container] = rest.length > 1 ? rest : [undefined, rest[0]];
  if (!container) throw new StatusError('BadRequest', 'the path must be /containerLogs/{namespace}/{pod}/{container}');
  const target: PodTarget = { namespace, pod, uid };
  const query = parseLogQuery(requestTarget(request.url ?? '/').query, services.clock.now());
  const found = services.statuses.overlay(findPod(workers, target));
  const id = logTarget(found, container, query.previous);
  const { runtime, clock } = services;
  const isRunning = async (): Promise<boolean> => {
    const status = await runtime.containerStatus(id, { signal }).catch((error: unknown) => {
      if (hasRuntimeCode(error, 'NotFound')) return undefined;
      throw error;
    });
    return status?.state === 'Running' || status?.state === 'Created';
  };
  const { logPath } = await runtime.containerStatus(id, { signal });
  response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  for await (const text of readContainerLog({ path: logPath, query, clock, isRunning, signal })) {
    if (!response.write(text)) await once(response, 'drain', { signal });
  }
  response.end();
}

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
