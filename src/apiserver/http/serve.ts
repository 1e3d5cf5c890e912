import { listen } from './listener.ts';
import type { ListenOptions, Listener } from './listener.ts';
import { createRequestHandler } from './request-handler.ts';
import type { RequestHandlerOptions } from './request-handler.ts';

/** Serves an API server over HTTPS. Dispose the listener before the server, so that no request finds it gone. */
export async function serveApi(options: RequestHandlerOptions & ListenOptions): Promise<Listener> {
  const listener = await listen(createRequestHandler(options), options);
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
