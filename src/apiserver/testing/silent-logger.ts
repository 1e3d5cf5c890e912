import { createLogger } from '../../base/logger.ts';

/** A logger that says nothing. */
export const silentLogger = createLogger({ verbosity: 0, now: () => 0, sink: () => undefined });
