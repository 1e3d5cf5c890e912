import { readFileSync } from 'node:fs';
import type { Layout } from '../config/layout.ts';
import { writeSecret } from '../pki/cluster-pki.ts';

/** The API servers that were known when the node last ran, as `host:port`. */
export function knownServers(layout: Layout): readonly string[] {
  try {
    return JSON.parse(readFileSync(layout.servers, 'utf8')) as readonly string[];
  } catch {
    return [];
  }
}

/** Keeps them for the next start. */
export function saveServers(layout: Layout, servers: readonly string[]): void {
  writeSecret(layout.servers, `${JSON.stringify(servers)}\n`);
}
