import { isJsonObject } from '../../machinery/schema.ts';
import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { valueAt } from '../resource/kube-object.ts';
import { toPrettyJson } from '../output/json-output.ts';

/** What this kubectl says of itself; it moves with the API that it knows. */
const clientVersion = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0+kubets',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node${process.versions.node}`,
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** The warning for a server that is more than one minor version away. */
export function skewWarning(major: unknown, minor: unknown): string | undefined {
  const [theirs, ours] = [Number.parseInt(String(minor), 10), Number(clientVersion.minor)];
  if (Number.isNaN(theirs) || (String(major) === clientVersion.major && Math.abs(theirs - ours) <= 1)) return undefined;
  return `WARNING: version difference between client (${clientVersion.major}.${ours}) and server (${String(major)}.${theirs}) exceeds the supported minor version skew of +/-1\n`;
}

const flags = {
  client: boolFlag('If true, shows client version only (no server required).'),
  output: textFlag("One of 'yaml' or 'json'.", { short: 'o' }),
} as const;

/** `kubectl version` */
export const version = defineVerb({
  usage: 'version [flags]',
  long: 'Print the client and server version information for the current context.',
  examples: `# Print the client and server versions for the current context
kubectl version`,
  flags,
  async run({ args, flags: given, session, io }) {
    if (args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`);
    if (!['', 'yaml', 'json'].includes(given.output)) throw new CommandError("--output must be 'yaml' or 'json'");
    let failure: unknown;
    let server: unknown;
    if (!given.client) {
      try {
        server = await session.connection.json({ path: '/version' });
      } catch (error) {
        failure = error;
      }
    }
    const all = { clientVersion, ...(server === undefined ? {} : { serverVersion: server }) };
    if (given.output === 'json') io.stdout.write(toPrettyJson(all, false).replaceAll('    ', '  '));
    else if (given.output === 'yaml') io.stdout.write((await import('../output/yaml-output.ts')).toYaml(all));
    else {
      io.stdout.write(`Client Version: ${clientVersion.gitVersion}\n`);
      if (isJsonObject(server)) io.stdout.write(`Server Version: ${String(server['gitVersion'])}\n`);
    }
    const skew = skewWarning(valueAt(server, 'major'), valueAt(server, 'minor'));
    if (skew) io.stderr.write(skew);
    if (failure !== undefined) throw failure;
  },
});
