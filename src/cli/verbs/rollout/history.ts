import type { Deployment } from '../../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../../api/apps/replica-set.ts';
import { CommandError, throwCollected } from '../../command/command-error.ts';
import { intFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { DescribeWriter } from '../../describe/describe-writer.ts';
import { writePodTemplate } from '../../describe/pod-template-lines.ts';
import { alignColumns, describeColumns } from '../../output/tab-writer.ts';
import { createObjectPrinter, parseOutputFormat } from '../../output/object-printer.ts';
import { createClusterReader } from '../../resource/cluster-reader.ts';
import { asKind, kindWithGroup } from '../../resource/kube-object.ts';
import { fetchObjects } from '../../resource/targets.ts';
import { readReplicaSets, revisionOf } from '../../rollout/replica-sets.ts';
import { fileFlags, printFlags, selectorFlag } from '../shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  ...printFlags,
  revision: intFlag('See the details, including podTemplate of the revision specified'),
} as const;

/** `kubectl rollout history` */
export const rolloutHistory = defineVerb({
  usage: 'rollout history (TYPE NAME | TYPE/NAME) [flags]',
  long: 'View previous rollout revisions and configurations.',
  examples: `# View the rollout history of a deployment
kubectl rollout history deployment/abc

# View the details of deployment revision 3
kubectl rollout history deployment/abc --revision=3`,
  flags,
  async run({ args, flags: given, session, io }) {
    if (args.length === 0 && given.filename.length === 0) throw new CommandError('required resource not specified');
    if (given.revision < 0) throw new CommandError(`revision must be a positive integer: ${given.revision}`);
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      all: true,
    };
    const { found, errors } = await fetchObjects(session, io, query);
    const failures = [...errors];
    const printer = await createObjectPrinter(parseOutputFormat(given.output, given.template), io.cwd);
    for (const { object } of found) {
      try {
        if (object.kind !== 'Deployment')
          throw new CommandError(`no history viewer has been implemented for {"${kindWithGroup(object)}"}`);
        const deployment = asKind<Deployment>(object);
        const { all } = await readReplicaSets(createClusterReader(session.connection), deployment);
        if (printer?.kind === 'text') {
          const shown = given.revision > 0 ? all.filter((set) => revisionOf(set) === given.revision) : all;
          for (const set of shown) io.stdout.write(printer.render(set));
        } else {
          const text = given.revision > 0 ? revisionText(all, given.revision) : listText(all);
          const detail = given.revision > 0 ? `with revision #${given.revision}` : '';
          io.stdout.write(`${kindWithGroup(object)}/${object.metadata.name} ${detail}\n${text}\n`);
        }
      } catch (error) {
        failures.push(error);
      }
    }
    throwCollected(failures);
  },
});

function listText(sets: readonly ReplicaSet[]): string {
  if (sets.length === 0) return 'No rollout history found.';
  const rows = sets
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .map((set) => `${revisionOf(set)}\t${set.metadata.annotations?.['kubernetes.io/change-cause'] || '<none>'}\n`);
  return alignColumns(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, describeColumns);
}

function revisionText(sets: readonly ReplicaSet[], revision: number): string {
  const set = sets.find((one) => revisionOf(one) === revision);
  if (!set) throw new CommandError('unable to find the specified revision');
  const cause = set.metadata.annotations?.['kubernetes.io/change-cause'];
  const { metadata, ...template } = set.spec.template ?? {};
  const annotations = cause ? { ...metadata?.annotations, 'kubernetes.io/change-cause': cause } : metadata?.annotations;
  const writer = new DescribeWriter();
  writePodTemplate(writer, { ...template, metadata: { ...metadata, ...(annotations ? { annotations } : {}) } });
  // Upstream prints it as it is, tabs included.
  return writer.unaligned();
}
