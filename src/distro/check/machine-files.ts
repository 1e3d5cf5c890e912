import { lstatSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { FileFact } from './facts.ts';

/** What files of a data directory are, by their paths in it; the first that matches counts. */
const kinds: readonly (readonly [pattern: RegExp, kind: FileFact['kind']])[] = [
  [/\.sock(\.ttrpc)?$/, 'socket'],
  [/^pki\/.*\.(key|yaml)$/, 'secret'],
  [/(^|\/)[^/]*\.kubeconfig$/, 'secret'],
  [/^(token|node-token)$/, 'secret'],
  [/^store\/[^/]+$/, 'secret'],
  [/^snapshots\/[^/]+$/, 'secret'],
  [/^logs\/audit\/[^/]+$/, 'secret'],
  [/^nodes\/[^/]+\/kubelet\/pki\/.*\.(pem|key)$/, 'secret'],
  [/^pki\/.*\.(crt|pub)$/, 'config'],
  [/^cluster\.json$/, 'config'],
  [/^nodes\/[^/]+\/manifests(\/[^/]+)?$/, 'config'],
  [/^nodes\/[^/]+\/cni\/.*\.(conf|conflist)$/, 'config'],
  [/^nodes\/[^/]+\/containerd\/[^/]*\.toml$/, 'config'],
];

/** What holds none of these, or too much to look through. */
const passedBy =
  /^(images|run)$|^nodes\/[^/]+\/(pod-logs|kubelet\/(pods|plugins))$|^nodes\/[^/]+\/containerd\/(root|state)$/;
const deepest = 5;

/**
 * The files in a data directory that matter, with the access that others really have: who may not enter a folder does not
 * reach what is in it.
 */
export function clusterFiles(root: string): readonly FileFact[] {
  const found: FileFact[] = [];
  visit(root, { prefix: '', reach: 0o777, depth: 0 }, found);
  return found;
}

interface Place {
  /** The folder's path in the data directory, with a slash. */
  readonly prefix: string;
  /** The bits of those who may enter. */
  readonly reach: number;
  readonly depth: number;
}

function visit(folder: string, { prefix, reach, depth }: Place, found: FileFact[]): void {
  const { mode: ownMode } = lstatSync(folder);
  const entered = reach & reachOf(ownMode);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const within = `${prefix}${name}`;
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (!status || status.isSymbolicLink()) continue;
    const kind = kinds.find(([pattern]) => pattern.test(within))?.[1];
    if (kind) found.push({ path, mode: status.mode & 0o777 & entered, uid: status.uid, kind });
    if (status.isDirectory() && depth < deepest && !passedBy.test(within))
      visit(path, { prefix: `${within}/`, reach: entered, depth: depth + 1 }, found);
  }
}

/** All bits of the owner, and those of group and others if they may enter. */
function reachOf(mode: number): number {
  return 0o700 | (mode & 0o010 ? 0o070 : 0) | (mode & 0o001 ? 0o007 : 0);
}

/** Flags that name files, of the API server and of `kubets up`, and what these are. */
const flagKinds: Readonly<Record<string, FileFact['kind']>> = {
  kubeconfig: 'secret',
  'tls-private-key-file': 'secret',
  'service-account-signing-key-file': 'secret',
  'kubelet-client-key': 'secret',
  'proxy-client-key-file': 'secret',
  'etcd-keyfile': 'secret',
  'token-auth-file': 'secret',
  'encryption-provider-config': 'secret',
  'audit-log-path': 'secret',
  'audit-webhook-config-file': 'secret',
  'audit-policy-file': 'config',
  'authentication-config': 'config',
  'authorization-config': 'config',
  'authorization-policy-file': 'config',
  'admission-control-config-file': 'config',
  'client-ca-file': 'config',
  'etcd-cafile': 'config',
  'pod-manifest-path': 'config',
};

/** The files that flags name, as far as they are there. */
export function filesOfFlags(flags: Readonly<Record<string, string>>): readonly FileFact[] {
  return Object.entries(flags).flatMap(([name, path]) => {
    const kind = flagKinds[name];
    const status = kind && isAbsolute(path) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    if (!kind || !status || status.isSymbolicLink()) return [];
    return [{ path, mode: status.mode & 0o777, uid: status.uid, kind }];
  });
}
