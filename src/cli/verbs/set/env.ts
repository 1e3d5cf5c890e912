import { changePodTemplates, matchesPattern, setFlags, splitAssignments } from '../../change/pod-template-verb.ts';
import type { EditableContainer } from '../../change/pod-template-verb.ts';
import { podSpecPath } from '../../change/patch-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { arrayFlag, boolFlag, sliceFlag, textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { valueAt } from '../../resource/kube-object.ts';
import { requireObjects } from '../../resource/targets.ts';

const flags = {
  ...setFlags,
  containers: textFlag('The names of containers in the selected pod templates to change - may use wildcards', {
    short: 'c',
    initial: '*',
  }),
  env: arrayFlag('Specify a key-value pair for an environment variable to set into each container.', { short: 'e' }),
  from: textFlag('The name of a resource from which to inject environment variables'),
  keys: sliceFlag('Comma-separated list of keys to import from specified resource'),
  list: boolFlag('If true, display the environment and any changes in the standard format.'),
  overwrite: boolFlag(
    'If true, allow environment to be overwritten, otherwise reject updates that overwrite existing environment.',
    { initial: true },
  ),
  prefix: textFlag('Prefix to append to variable names'),
} as const;

interface EnvEntry {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

/** `kubectl set env` */
export const setEnv = defineVerb({
  usage: 'set env RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N',
  long: `Update environment variables on a pod template.

 List environment variable definitions in one or more pods, pod templates. Add, update, or remove container environment variable definitions in one or more pod templates. View or modify the environment variable definitions on all containers in the specified pods or pod templates, or just those that match a wildcard.`,
  examples: `# Update deployment 'registry' with a new environment variable
kubectl set env deployment/registry STORAGE_DIR=/local

# List the environment variables defined on a deployments 'sample-build'
kubectl set env deployment/sample-build --list

# Import environment from a secret
kubectl set env --from=secret/mysecret deployment/myapp

# Remove the environment variable ENV from container 'c1' in all deployment configs
kubectl set env deployments --all --containers="c1" ENV-`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io } = invocation;
    const { resources, assignments } = splitAssignments(args);
    const wanted = [...assignments, ...given.env];
    const removed = wanted.filter((text) => text.endsWith('-') && !text.includes('=')).map((text) => text.slice(0, -1));
    const added = [
      ...wanted
        .filter((text) => text.includes('='))
        .map((text) => ({ name: text.slice(0, text.indexOf('=')), value: text.slice(text.indexOf('=') + 1) })),
      ...(given.from ? await importedFrom() : []),
    ];
    if (given.list) {
      for (const found of await requireObjects(session, io, {
        args: resources,
        labelSelector: given.selector,
        all: given.all,
      })) {
        const containers = (valueAt(found.object, ...(podSpecPath(found) ?? []), 'containers') ??
          []) as readonly EditableContainer[];
        for (const container of containers) {
          io.stdout.write(`# ${found.object.kind} ${found.target.name}, container ${container.name}\n`);
          for (const { name, value = '' } of (container['env'] ?? []) as readonly EnvEntry[])
            io.stdout.write(`${name}=${value}\n`);
        }
      }
      return;
    }
    if (added.length === 0 && removed.length === 0)
      throw new CommandError('at least one environment variable must be provided');
    const update = (container: EditableContainer): EditableContainer =>
      matchesPattern(container.name, given.containers)
        ? withEnv(container, { added, removed, overwrite: given.overwrite })
        : container;
    await changePodTemplates(invocation, {
      args: resources,
      operation: 'env updated',
      change: (spec) => ({
        ...spec,
        containers: (spec.containers ?? []).map(update),
        ...(spec.initContainers ? { initContainers: spec.initContainers.map(update) } : {}),
      }),
    });

    async function importedFrom(): Promise<readonly EnvEntry[]> {
      const entries: EnvEntry[] = [];
      for (const { object } of await requireObjects(session, io, { args: [given.from] })) {
        const reference = { ConfigMap: 'configMapKeyRef', Secret: 'secretKeyRef' }[object.kind];
        if (!reference) throw new CommandError(`unsupported resource specified in --from`);
        for (const key of Object.keys(object['data'] ?? {})) {
          if (given.keys.length > 0 && !given.keys.includes(key)) continue;
          const name = `${given.prefix}${key.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}`;
          entries.push({ name, valueFrom: { [reference]: { key, name: object.metadata.name } } });
        }
      }
      return entries;
    }
  },
});

function withEnv(
  container: EditableContainer,
  {
    added,
    removed,
    overwrite,
  }: { readonly added: readonly EnvEntry[]; readonly removed: readonly string[]; readonly overwrite: boolean },
): EditableContainer {
  const env = (container['env'] ?? []) as readonly EnvEntry[];
  const taken = added.find(({ name }) => env.some((entry) => entry.name === name));
  if (taken && !overwrite) throw new CommandError(`'${taken.name}' already has a value, and --overwrite is false`);
  const kept = env
    .filter(({ name }) => !removed.includes(name))
    .map((entry) => added.find(({ name }) => name === entry.name) ?? entry);
  const fresh = added.filter(({ name }) => !env.some((entry) => entry.name === name));
  const all = [...kept, ...fresh];
  const { env: _old, ...rest } = container;
  return all.length === 0 ? { ...rest, name: container.name } : { ...container, env: all };
}
