import type { Exchange } from './exchange.ts';
import { listen } from './listener.ts';
import type { ListenOptions, Listener } from './listener.ts';
import { createRequestHandler } from './request-handler.ts';
import type { RequestHandlerOptions } from './request-handler.ts';

/** What is served, and where. */
export interface ServeOptions extends RequestHandlerOptions, ListenOptions {
  /** Answers requests that are not the API's, such as those of nodes that join; false: not mine. */
  readonly beside?: ((exchange: Exchange) => boolean) | undefined;
}

/** Serves an API server over HTTPS. Dispose the listener before the server, so that no request finds it gone. */
export async function serveApi(options: ServeOptions): Promise<Listener> {
  const { beside } = options;
  const handler = createRequestHandler(options);
  const listener = await listen(
    beside === undefined
      ? handler
      : {
          handle: (exchange) => void (beside(exchange) || handler.handle(exchange)),
          handleUpgrade: (upgrade) => handler.handleUpgrade(upgrade),
        },
    options,
  );
  return {
    ...listener,
    async [Symbol.asyncDispose]() {
      const closed = listener[Symbol.asyncDispose]();
      // A connection closes once nothing is under way on it, and watches would go on for ever.
      options.server.endWatches();
      await closed;
    },
  };
}
