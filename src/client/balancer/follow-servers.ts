import { EndpointSlice } from '../../api/discovery/endpoint-slice.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../client.ts';
import { Informer } from '../informer.ts';
import type { ServerList } from './server-list.ts';

/** What following needs. */
export interface FollowOptions {
  /** Must be allowed to list and watch EndpointSlices in `default`. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Keeps the list for the next start, when none of the servers that are known now may live any more. */
  save(servers: readonly string[]): void;
}

/** Keeps the list equal to the endpoints of the Service `default/kubernetes` until aborted. */
export async function followServers(list: ServerList, options: FollowOptions): Promise<void> {
  const { log, signal, save } = options;
  const selection = { namespace: 'default', labelSelector: 'kubernetes.io/service-name=kubernetes' };
  const informer = new Informer({ ...options, resource: EndpointSlice, selection });
  let last = '';
  const follow = (): void => {
    const servers = serversIn(informer.cache.list());
    const text = servers.join(' ');
    if (servers.length === 0 || text === last) return;
    last = text;
    log.info('API servers', { servers: text });
    list.replace(servers);
    save(servers);
  };
  using _subscription = informer.subscribe(follow);
  await informer.run(signal);
}

/** The servers that slices name, as `host:port`, sorted. */
export function serversIn(slices: readonly EndpointSlice[]): readonly string[] {
  const servers = slices.flatMap(({ endpoints = [], ports = [] }) => {
    const port = ports.find(({ name }) => name === 'https')?.port;
    if (port === undefined) return [];
    return endpoints
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses.map((address) => `${host(address)}:${port}`));
  });
  return [...new Set(servers)].sort();
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
