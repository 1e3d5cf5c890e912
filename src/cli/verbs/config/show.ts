import { boolFlag, textFlag } from '../../command/flags.ts';
import { CommandError, throwCollected } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import { TabWriter } from '../../output/tab-writer.ts';

/** `kubectl config current-context` */
export const currentContext = defineVerb({
  usage: 'config current-context',
  long: 'Display the current-context.',
  examples: `# Display the current-context
kubectl config current-context`,
  flags: {},
  async run({ session, io }) {
    const name = session.kubeconfig['current-context'];
    if (!name) throw new CommandError('current-context is not set');
    io.stdout.write(`${name}\n`);
  },
});

/** `kubectl config get-clusters` */
export const getClusters = defineVerb({
  usage: 'config get-clusters',
  long: 'Display clusters defined in the kubeconfig.',
  examples: `# List the clusters that kubectl knows about
kubectl config get-clusters`,
  flags: {},
  async run({ session, io }) {
    io.stdout.write(
      ['NAME', ...[...session.kubeconfig.clusters.keys()].toSorted()].map((line) => `${line}\n`).join(''),
    );
  },
});

/** `kubectl config get-users` */
export const getUsers = defineVerb({
  usage: 'config get-users',
  long: 'Display users defined in the kubeconfig.',
  examples: `# List the users that kubectl knows about
kubectl config get-users`,
  flags: {},
  async run({ session, io }) {
    io.stdout.write(['NAME', ...[...session.kubeconfig.users.keys()].toSorted()].map((line) => `${line}\n`).join(''));
  },
});

/** `kubectl config get-contexts` */
export const getContexts = defineVerb({
  usage: 'config get-contexts [(-o|--output=)name)]',
  long: 'Display one or many contexts from the kubeconfig file.',
  examples: `# List all the contexts in your kubeconfig file
kubectl config get-contexts

# Describe one context in your kubeconfig file
kubectl config get-contexts my-context`,
  flags: {
    'no-headers': boolFlag(
      "When using the default or custom-column output format, don't print headers (default print headers).",
    ),
    output: textFlag('Output format. One of: (name).', { short: 'o' }),
  },
  async run({ args, flags, session, io }) {
    const { contexts, 'current-context': current } = session.kubeconfig;
    if (flags.output !== '' && flags.output !== 'name')
      throw new CommandError(`output must be one of '' or 'name': ${flags.output}`);
    const names = args.length > 0 ? args : [...contexts.keys()].toSorted();
    const missing = names
      .filter((name) => !contexts.has(name))
      .map((name) => new CommandError(`context ${name} not found`));
    const writer = new TabWriter((text) => io.stdout.write(text));
    const plain = flags.output === 'name';
    if (!plain && !flags['no-headers']) writer.write('CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n');
    for (const name of names) {
      const context = contexts.get(name);
      if (!context) continue;
      const { cluster = '', user = '', namespace = '' } = context;
      writer.write(
        plain ? `${name}\n` : `${[name === current ? '*' : '', name, cluster, user, namespace].join('\t')}\n`,
      );
    }
    writer.flush();
    throwCollected(missing);
  },
});
