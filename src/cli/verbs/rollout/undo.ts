import { isDeepStrictEqual } from 'node:util';
import type { Deployment } from '../../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../../api/apps/replica-set.ts';
import { createChangePrinter } from '../../change/change-output.ts';
import { dryRunOf } from '../../change/dry-run.ts';
import type { DryRun } from '../../change/dry-run.ts';
import { patchObject } from '../../change/patch-object.ts';
import { CommandError, throwCollected } from '../../command/command-error.ts';
import { intFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { DescribeWriter } from '../../describe/describe-writer.ts';
import { writePodTemplate } from '../../describe/pod-template-lines.ts';
import { createClusterReader } from '../../resource/cluster-reader.ts';
import { asKind } from '../../resource/kube-object.ts';
import { fetchObjects } from '../../resource/targets.ts';
import type { FoundObject } from '../../resource/targets.ts';
import { readReplicaSets, revisionOf, templateWithoutHash } from '../../rollout/replica-sets.ts';
import type { Session } from '../../session.ts';
import { dryRunFlags, fileFlags, printFlags, selectorFlag } from '../shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  ...printFlags,
  ...dryRunFlags,
  'to-revision': intFlag('The revision to rollback to. Default to 0 (last revision).'),
} as const;

/** Annotations that belong to the deployment and its controller, not to a revision. */
const kept = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];

/** `kubectl rollout undo` */
export const rolloutUndo = defineVerb({
  usage: 'rollout undo (TYPE NAME | TYPE/NAME) [flags]',
  long: 'Roll back to a previous rollout.',
  examples: `# Roll back to the previous deployment
kubectl rollout undo deployment/abc

# Roll back to deployment revision 3
kubectl rollout undo deployment/abc --to-revision=3`,
  flags,
  async run({ args, flags: given, session, io }) {
    if (args.length === 0 && given.filename.length === 0) throw new CommandError('required resource not specified');
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun });
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      all: true,
    };
    const { found, errors } = await fetchObjects(session, io, query);
    const failures = [...errors];
    for (const one of found) {
      try {
        if (one.object.kind !== 'Deployment')
          throw new CommandError(`no rollbacker has been implemented for "${one.object.kind}"`);
        print(one.object, await undo(session, one, { revision: given['to-revision'], dryRun }));
      } catch (error) {
        failures.push(error);
      }
    }
    throwCollected(failures);
  },
});

async function undo(
  session: Session,
  { target, object }: FoundObject,
  { revision, dryRun }: { readonly revision: number; readonly dryRun: DryRun },
): Promise<string> {
  const deployment = asKind<Deployment>(object);
  const { all } = await readReplicaSets(createClusterReader(session.connection), deployment);
  const earlier = revisionToGoTo(all, { revision, deployment });
  if (deployment.spec.paused) {
    throw new CommandError(
      `you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`,
    );
  }
  const template = templateWithoutHash(earlier.spec.template);
  if (isDeepStrictEqual(template, templateWithoutHash(deployment.spec.template))) {
    return `skipped rollback (current template already matches revision ${revision > 0 ? revision : revisionOf(earlier)})`;
  }
  if (dryRun === 'client') {
    const writer = new DescribeWriter();
    writePodTemplate(writer, earlier.spec.template ?? {});
    return writer.unaligned().trimEnd();
  }
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => kept.includes(key));
  const theirs = Object.entries(earlier.metadata.annotations ?? {}).filter(([key]) => !kept.includes(key));
  const body = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: Object.fromEntries([...own, ...theirs]) },
  ];
  await patchObject(session, target, { type: 'json', body, dryRun });
  return 'rolled back';
}

/** The replica set of a revision, or of the one before the present. */
function revisionToGoTo(
  all: readonly ReplicaSet[],
  { revision, deployment }: { readonly revision: number; readonly deployment: Deployment },
): ReplicaSet {
  if (revision > 0) {
    const found = all.find((set) => revisionOf(set) === revision);
    if (!found) throw new CommandError(`unable to find specified revision ${revision} in history`);
    return found;
  }
  const earlier = all.toSorted((a, b) => revisionOf(b) - revisionOf(a))[1];
  if (!earlier) throw new CommandError(`no rollout history found for deployment "${deployment.metadata.name}"`);
  return earlier;
}
