import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryHost } from '../config/cluster-config.ts';
import { formatToml } from './toml.ts';

/** The `hosts.toml` of a registry host; `_default` stands for every host without one of its own. */
export function hostsToml(host: string, options: RegistryHost): string {
  const { mirrors = [], plainHttp = false, skipVerify, ca } = options;
  const trust = { skip_verify: skipVerify, ca };
  const capabilities = ['pull', 'resolve'];
  const hosts = mirrors.map((mirror) => [withScheme(mirror, plainHttp), { capabilities, ...trust }] as const);
  const server = host === '_default' ? undefined : withScheme(serverOf(host), plainHttp);
  return formatToml({
    server,
    ...(server === undefined ? {} : trust),
    host: hosts.length === 0 ? undefined : Object.fromEntries(hosts),
  });
}

/** Writes `<directory>/<host>/hosts.toml` for each host and removes those of others. Takes effect at the next pull. */
export async function writeRegistryHosts(
  directory: string,
  registries: Readonly<Record<string, RegistryHost>>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  // An empty folder would shadow `_default`, so the folder goes with the file.
  const stale = (await readdir(directory)).filter((name) => !Object.hasOwn(registries, name));
  await Promise.all(stale.map((name) => rm(join(directory, name), { recursive: true })));
  for (const [host, options] of Object.entries(registries)) {
    await mkdir(join(directory, host), { recursive: true });
    await writeFile(join(directory, host, 'hosts.toml'), hostsToml(host, options));
  }
}

/** Docker Hub's images are named after one host and served by another. */
function serverOf(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}

function withScheme(host: string, plainHttp: boolean): string {
  if (/^https?:\/\//.test(host)) return host;
  return `${plainHttp ? 'http' : 'https'}://${host}`;
}
