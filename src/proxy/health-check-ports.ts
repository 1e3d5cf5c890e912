import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Listening } from '../host/serve-answers.ts';
import { serve } from '../host/serve-answers.ts';

/** A Service whose load balancer asks each node whether it has endpoints. */
export interface HealthCheckedService {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly localEndpoints: number;
}

/** Serves the `healthCheckNodePort` of Services with externalTrafficPolicy Local. */
export class HealthCheckPorts implements AsyncDisposable {
  readonly #log: Logger;
  readonly #services = new Map<string, HealthCheckedService>();
  readonly #servers = new Map<string, { readonly port: number; readonly listening: Promise<Listening | undefined> }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Sets what is served for the Service of `key`; undefined stops it. */
  set(key: string, service: HealthCheckedService | undefined): void {
    if (service === undefined) this.#services.delete(key);
    else this.#services.set(key, service);
    const server = this.#servers.get(key);
    if (server?.port === service?.port) return;
    this.#servers.delete(key);
    const closed = server?.listening.then((listening) => listening?.[Symbol.asyncDispose]());
    if (service === undefined) return;
    const listening = Promise.resolve(closed).then(() => this.#listen(key, service));
    this.#servers.set(key, { port: service.port, listening });
  }

  async #listen(key: string, { port, namespace, name }: HealthCheckedService): Promise<Listening | undefined> {
    try {
      return await serve(`0.0.0.0:${port}`, () => this.#answer(key));
    } catch (error) {
      this.#log.error('Failed to serve a health check node port', {
        service: `${namespace}/${name}`,
        port,
        err: messageOf(error),
      });
      return undefined;
    }
  }

  #answer(key: string) {
    const { namespace = '', name = '', localEndpoints = 0 } = this.#services.get(key) ?? {};
    const body = { service: { namespace, name }, localEndpoints, serviceProxyHealthy: true };
    return { status: localEndpoints > 0 ? 200 : 503, type: 'application/json', body: JSON.stringify(body) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#servers.values()].map(async (server) => (await server.listening)?.[Symbol.asyncDispose]()),
    );
    this.#servers.clear();
  }
}
