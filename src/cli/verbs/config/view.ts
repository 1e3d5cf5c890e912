import { readFileSync } from 'node:fs';
import { boolFlag, textFlag } from '../../command/flags.ts';
import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import { activeContext } from '../../kubeconfig/api-target.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { createObjectPrinter, parseOutputFormat } from '../../output/object-printer.ts';

const flags = {
  flatten: boolFlag(
    'Flatten the resulting kubeconfig file into self-contained output (useful for creating portable kubeconfig files)',
  ),
  minify: boolFlag('Remove all information not used by current-context from the output'),
  output: textFlag(
    'Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).',
    { short: 'o', initial: 'yaml' },
  ),
  raw: boolFlag('Display raw byte data and sensitive data'),
  template: textFlag('Template string or path to template file to use when -o=go-template, -o=go-template-file.'),
} as const;

/** `kubectl config view` */
export const view = defineVerb({
  usage: 'config view [flags]',
  long: `Display merged kubeconfig settings or a specified kubeconfig file.

 You can use --output jsonpath={...} to extract specific values using a jsonpath expression.`,
  examples: `# Show merged kubeconfig settings
kubectl config view

# Show merged kubeconfig settings, raw certificate data, and exposed secrets
kubectl config view --raw`,
  flags,
  async run({ flags: given, session, io }) {
    const whole = session.kubeconfig;
    const config = given.minify ? minified(whole, session.globals) : whole;
    const shown = given.flatten ? flattened(config) : config;
    const printer = await createObjectPrinter(parseOutputFormat(given.output, given.template), io.cwd, {
      sorted: false,
    });
    if (printer?.kind === 'text') io.stdout.write(printer.render(documentOf(shown, given.raw)));
  },
});

function minified(config: Kubeconfig, globals: { context: string; cluster: string; user: string }): Kubeconfig {
  const name = globals.context || config['current-context'];
  if (!name) throw new CommandError('current-context must exist in order to minify');
  const context = activeContext(config, globals);
  if (!config.contexts.has(name)) throw new CommandError('cannot locate context ' + name);
  const only = <T>(entries: ReadonlyMap<string, T>, key: string | undefined): ReadonlyMap<string, T> =>
    new Map([...entries].filter(([entry]) => entry === key));
  return {
    'current-context': name,
    clusters: only(config.clusters, context.cluster),
    users: only(config.users, context.user),
    contexts: only(config.contexts, name),
  };
}

function flattened(config: Kubeconfig): Kubeconfig {
  const inline = <T extends object>(entry: T, names: readonly string[]): T => {
    const copy: Record<string, unknown> = Object.fromEntries(Object.entries(entry));
    for (const name of names) {
      const path = copy[name];
      if (typeof path !== 'string' || path === '') continue;
      delete copy[name];
      copy[`${name}-data`] = readFileSync(path).toString('base64');
    }
    return copy as T;
  };
  return {
    ...config,
    clusters: new Map([...config.clusters].map(([name, entry]) => [name, inline(entry, ['certificate-authority'])])),
    users: new Map(
      [...config.users].map(([name, entry]) => [name, inline(entry, ['client-certificate', 'client-key'])]),
    ),
  };
}

function documentOf(config: Kubeconfig, raw: boolean): unknown {
  const shown = <T extends object>(entry: T): T => (raw ? entry : (redacted(entry) as T));
  return {
    kind: 'Config',
    apiVersion: 'v1',
    clusters: orNull(
      [...config.clusters].toSorted(byName).map(([name, cluster]) => ({ name, cluster: shown(cluster) })),
    ),
    users: orNull([...config.users].toSorted(byName).map(([name, user]) => ({ name, user: shown(user) }))),
    contexts: orNull([...config.contexts].toSorted(byName).map(([name, context]) => ({ name, context }))),
    'current-context': config['current-context'],
  };
}

function orNull<T>(entries: readonly T[]): readonly T[] | null {
  return entries.length === 0 ? null : entries;
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function redacted(entry: object): object {
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) => {
      if (key.endsWith('-data') && value) return [key, 'DATA+OMITTED'];
      return [key, (key === 'token' || key === 'password') && value ? 'REDACTED' : (value as unknown)];
    }),
  );
}
