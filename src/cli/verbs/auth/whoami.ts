import { createObjectPrinter, parseOutputFormat } from '../../output/object-printer.ts';
import { defineVerb } from '../../command/verb.ts';
import { TabWriter } from '../../output/tab-writer.ts';
import { asKubeObject, valueAt } from '../../resource/kube-object.ts';
import { printFlags } from '../shared-flags.ts';

/** `kubectl auth whoami` */
export const whoami = defineVerb({
  usage: 'auth whoami',
  long: 'Experimental: Check who you are and your attributes (groups, extra).',
  examples: `# Get your subject attributes
kubectl auth whoami

# Get your subject attributes in JSON format
kubectl auth whoami -o json`,
  flags: printFlags,
  async run({ flags, session, io }) {
    const answer = asKubeObject(
      await session.connection.json({
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} },
      }),
    );
    const printer = await createObjectPrinter(parseOutputFormat(flags.output, flags.template), io.cwd);
    if (printer?.kind === 'text') {
      io.stdout.write(printer.render(answer));
      return;
    }
    const user = (valueAt(answer, 'status', 'userInfo') ?? {}) as {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
    const writer = new TabWriter((text) => io.stdout.write(text));
    writer.write('ATTRIBUTE\tVALUE\n');
    if (user.username) writer.write(`Username\t${user.username}\n`);
    if (user.uid) writer.write(`UID\t${user.uid}\n`);
    if (user.groups?.length) writer.write(`Groups\t[${user.groups.join(' ')}]\n`);
    for (const [key, values] of Object.entries(user.extra ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      writer.write(`Extra: ${key}\t[${values.join(' ')}]\n`);
    writer.flush();
  },
});
