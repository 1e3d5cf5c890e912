import { boolFlag, sliceFlag, textFlag } from '../command/flags.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { TabWriter } from '../output/tab-writer.ts';
import { groupVersion, qualifiedName } from '../resource/discovery.ts';
import type { ApiResource } from '../resource/discovery.ts';
import { preferredResources } from '../resource/resource-mapper.ts';

const flags = {
  'api-group': textFlag('Limit to resources in the specified API group.'),
  cached: boolFlag('Use the cached list of resources if available.'),
  categories: sliceFlag('Limit to resources that belong to the specified categories.'),
  namespaced: boolFlag(
    'If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.',
    { initial: true },
  ),
  'no-headers': boolFlag(
    "When using the default or custom-column output format, don't print headers (default print headers).",
  ),
  output: textFlag('Output format. One of: (wide, name).', { short: 'o' }),
  'sort-by': textFlag(
    "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
  ),
  verbs: sliceFlag('Limit to resources that support the specified verbs.'),
} as const;

/** `kubectl api-resources` */
export const apiResources = defineVerb({
  usage: 'api-resources [flags]',
  long: 'Print the supported API resources on the server.',
  examples: `# Print the supported API resources
kubectl api-resources

# Print the supported API resources with more information
kubectl api-resources -o wide

# Print the supported namespaced resources
kubectl api-resources --namespaced=true

# Print the supported API resources with a specific APIGroup
kubectl api-resources --api-group=rbac.authorization.k8s.io`,
  flags,
  async run({ args, flags: given, changed, session, io, command }) {
    if (args.length > 0)
      throw new CommandError(`unexpected arguments: [${args.join(' ')}]\nSee '${command} -h' for help and examples`);
    const { output, verbs, categories } = given;
    if (!['', 'wide', 'name'].includes(output)) throw new CommandError(`--output ${output} is not available`);
    if (!['', 'name', 'kind'].includes(given['sort-by'])) throw new CommandError('--sort-by accepts only name or kind');
    const mapper = await session.mapper();
    const shown = mapper.groups
      .flatMap(preferredResources)
      .filter((one) => one.verbs.length > 0)
      .filter((one) => !changed('api-group') || one.group === given['api-group'])
      .filter((one) => !changed('namespaced') || one.namespaced === given.namespaced)
      .filter((one) => verbs.every((verb) => one.verbs.includes(verb)))
      .filter((one) => categories.every((category) => one.categories.includes(category)))
      .toSorted((a, b) => compare(a, b, given['sort-by']));
    if (output === 'name') {
      for (const resource of shown) io.stdout.write(`${qualifiedName(resource)}\n`);
      return;
    }
    const writer = new TabWriter((text) => io.stdout.write(text));
    const wide = output === 'wide';
    if (!given['no-headers'])
      writer.write(`NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND${wide ? '\tVERBS\tCATEGORIES' : ''}\n`);
    for (const one of shown) {
      const cells = [one.plural, one.shortNames.join(','), groupVersion(one), String(one.namespaced), one.kind];
      if (wide) cells.push([...one.verbs].join(','), one.categories.join(','));
      writer.write(`${cells.join('\t')}\n`);
    }
    writer.flush();
  },
});

function compare(a: ApiResource, b: ApiResource, by: string): number {
  const [x, y] =
    by === 'kind'
      ? [a.kind, b.kind]
      : by === 'name'
        ? [a.plural, b.plural]
        : [`${a.group}\0${a.plural}`, `${b.group}\0${b.plural}`];
  return x < y ? -1 : x > y ? 1 : 0;
}
