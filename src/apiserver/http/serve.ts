import { listen } from './listener.ts';
import type { ListenOptions, Listener } from './listener.ts';
import { createRequestHandler } from './request-handler.ts';
import type { RequestHandlerOptions } from './request-handler.ts';

/** Serves an API server over HTTPS. Dispose the listener before the server, so that no request finds it gone. */
export function serveApi(options: RequestHandlerOptions & ListenOptions): Promise<Listener> {
  return listen(createRequestHandler(options), options);
}
