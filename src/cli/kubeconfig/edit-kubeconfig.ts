import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { kubeconfigPaths, readKubeconfigFile } from './kubeconfig.ts';
import type { KubeconfigSources } from './kubeconfig.ts';

/** The file that holds a context, or the first one: where a change of it belongs. */
export function fileOfContext(sources: KubeconfigSources, context: string): string {
  const paths = kubeconfigPaths(sources);
  return (
    paths.find((path) => readKubeconfigFile(path, false).contexts.has(context)) ??
    paths.find((path) => existsSync(path)) ??
    paths[0] ??
    ''
  );
}

/** Changes one kubeconfig file in place; what is not changed, comments included, stays as it is. */
export function editKubeconfig(path: string, change: (document: Document) => void): void {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : 'apiVersion: v1\nkind: Config\n';
  const document = parseDocument(text);
  change(document);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, document.toString({ indentSeq: false, lineWidth: 0 }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
