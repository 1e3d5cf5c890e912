import { hostname } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { contentHash, fileHash } from './file-hash.ts';

/** Counts what becomes of a configuration file that has changed. */
export interface ConfigurationReloads {
  /** What the file holds now is used. */
  succeeded(): void;
  /** It is not. */
  failed(): void;
}

/** Where it is counted, if it is. */
export interface CountingContext {
  readonly metrics?: MetricRegistry | undefined;
}

/** A file that the API server follows. */
export interface FollowedConfiguration {
  readonly what: 'authentication' | 'authorization';
  readonly path: string;
}

const uncounted: ConfigurationReloads = { succeeded: () => undefined, failed: () => undefined };

/**
 * Makes the counters of one file, whose first content is in use already. Servers are told apart by a hash of the machine's
 * name. Source: apiserver's server/options/{authentication,authorization}config/metrics.
 */
export function configurationReloads(
  { what, path }: FollowedConfiguration,
  { clock, metrics }: CountingContext & { readonly clock: Clock },
): ConfigurationReloads {
  if (!metrics) return uncounted;
  const server = contentHash(Buffer.from(hostname()));
  const prefix = `apiserver_${what}_config_controller`;
  const about = `of ${what} configuration split by status and apiserver identity.`;
  const labels = ['status', 'apiserver_id_hash'];
  const total = metrics.counter({
    name: `${prefix}_automatic_reloads_total`,
    help: `Total number of automatic reloads ${about}`,
    labels,
  });
  const last = metrics.gauge({
    name: `${prefix}_automatic_reload_last_timestamp_seconds`,
    help: `Timestamp of the last automatic reload ${about}`,
    labels,
  });
  const info = metrics.gauge({
    name: `${prefix}_last_config_info`,
    help: `Information about the last applied ${what} configuration with hash as label, split by apiserver identity.`,
    labels: ['apiserver_id_hash', 'hash'],
  });
  const use = (): void => {
    info.clear();
    info.of(server, fileHash(path) ?? '').value = 1;
  };
  const count = (status: 'success' | 'failure'): void => {
    total.of(status, server).value++;
    last.of(status, server).value = Math.floor(clock.now() / 1000);
  };
  use();
  return {
    succeeded() {
      use();
      count('success');
    },
    failed: () => count('failure'),
  };
}
