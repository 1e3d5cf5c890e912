import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bridgeDevice } from './desired-network.ts';

/** The file that the container runtime finds its network in; the first by name counts. */
export const cniFileName = '10-kubets.conflist';

/** What a node's CNI configuration depends on. */
export interface CniOptions {
  readonly podCIDR: string;
  readonly mtu: number;
  /** Where host-local keeps which addresses are taken; each node of a machine has its own. */
  readonly dataDir: string;
}

/** The network configuration list that the container runtime runs for each pod. Source: CNI specification 1.0.0. */
export function cniConfig({ podCIDR, mtu, dataDir }: CniOptions): object {
  return {
    cniVersion: '1.0.0',
    name: 'kubets',
    plugins: [
      {
        type: 'bridge',
        bridge: bridgeDevice,
        mtu,
        // Not isDefaultGateway, which adds the default route that is stated below a second time.
        isGateway: true,
        hairpinMode: true,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCIDR }]], routes: [{ dst: '0.0.0.0/0' }], dataDir },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  };
}

/** Writes the configuration in one step, if it differs. Resolves with whether it did. */
export async function writeCniConfig(directory: string, options: CniOptions): Promise<boolean> {
  const path = join(directory, cniFileName);
  const text = `${JSON.stringify(cniConfig(options), null, 2)}\n`;
  if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false;
  await mkdir(directory, { recursive: true });
  // The runtime watches the directory and ignores other endings.
  const draft = join(directory, `.${cniFileName}.${process.pid}.tmp`);
  await writeFile(draft, text, { mode: 0o644 });
  await rename(draft, path);
  return true;
}

/** Removes the configuration; the runtime then reports its network as not ready. */
export async function removeCniConfig(directory: string): Promise<void> {
  await rm(join(directory, cniFileName), { force: true });
}
