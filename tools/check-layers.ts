/** Which folder of src may import which: the compiler does not know, this does. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const siblings = ['apiserver', 'scheduler', 'controllers', 'cloud', 'kubelet', 'proxy', 'network', 'dns', 'cli'];
const below = ['base', 'host', 'machinery', 'api', 'client'];

/** What each folder may import besides itself. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  base: [],
  // Adapters of the operating system: running programs, files of /proc.
  host: ['base'],
  machinery: ['base'],
  api: ['base', 'machinery'],
  client: ['base', 'machinery', 'api'],
  store: ['base', 'machinery', 'api'],
  ...Object.fromEntries(siblings.map((name) => [name, name === 'apiserver' ? [...below, 'store'] : below])),
  distro: [...below, 'store', ...siblings],
};

/** Where a file may not import what it does, as sentences. Tests are held to the same rules. */
export function layerViolations(root: string): readonly string[] {
  return globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const from = file.split('/')[1] ?? '';
    const builtins = from === 'base' && /from\s+'node:/.test(text) && !file.endsWith('.test.ts');
    const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');
    const wrong = imports
      .map((target) => normalize(join(dirname(file), target)))
      .filter((target) => !isAllowed(from, target) && !isTestSupport(file, target));
    return [
      ...(builtins ? [`${file} imports a Node built-in: src/base has none; take it through a port`] : []),
      ...wrong.map(
        (target) => `${file} imports ${target}: ${from} may import ${allowed[from]?.join(', ') || 'nothing'}`,
      ),
    ];
  });
}

function isAllowed(from: string, target: string): boolean {
  const to = /^src\/([^/]+)/.exec(target)?.[1];
  return to !== undefined && (to === from || (allowed[from] ?? []).includes(to));
}

/** Tests may stand on the composition root and on each other's real parts. */
function isTestSupport(file: string, target: string): boolean {
  return (
    /(\.test(suite)?|-fixture)\.ts$|\/test(ing)?\//.test(file) &&
    (target.startsWith('src/') || target.startsWith('test/') || target.startsWith('tools/'))
  );
}

if (import.meta.main) {
  const violations = layerViolations(join(import.meta.dirname, '..'));
  for (const violation of violations) console.error(violation);
  process.exitCode = violations.length > 0 ? 1 : 0;
}
