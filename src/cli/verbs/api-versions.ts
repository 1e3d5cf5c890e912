import { defineVerb } from '../command/verb.ts';
import { groupVersion } from '../resource/discovery.ts';

/** `kubectl api-versions` */
export const apiVersions = defineVerb({
  usage: 'api-versions',
  long: 'Print the supported API versions on the server, in the form of "group/version".',
  examples: `# Print the supported API versions
kubectl api-versions`,
  flags: {},
  async run({ session, io }) {
    const { groups } = await session.mapper();
    const versions = groups.flatMap(({ name, versions: all }) =>
      all.map(({ version }) => groupVersion({ group: name, version })),
    );
    for (const version of versions.toSorted()) io.stdout.write(`${version}\n`);
  },
});
