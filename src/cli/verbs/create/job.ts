import type { CronJob } from '../../../api/batch/cron-job.ts';
import { createFlags, createObject } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import type { Invocation } from '../../command/verb.ts';
import { asKind } from '../../resource/kube-object.ts';
import { requireObjects } from '../../resource/targets.ts';
import { jobPod, nameAndCommand } from './job-pod.ts';

const flags = {
  ...createFlags,
  image: textFlag('Image name to run.'),
  from: textFlag('The name of the resource to create a Job from (only CronJob is supported).'),
} as const;

/** `kubectl create job` */
export const createJob = defineVerb({
  usage: 'create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  long: 'Create a job with the specified name.',
  examples: `# Create a job
kubectl create job my-job --image=busybox

# Create a job with a command
kubectl create job my-job --image=busybox -- date

# Create a job from a cron job named "a-cronjob"
kubectl create job test-job --from=cronjob/a-cronjob`,
  flags,
  async run(invocation) {
    const { flags: given } = invocation;
    const { name, words } = nameAndCommand(invocation);
    if ((given.image === '') === (given.from === '')) {
      throw new CommandError('either --image or --from must be specified');
    }
    if (given.from === '') {
      const template = jobPod({ name, image: given.image, words, restartPolicy: 'Never' });
      await createObject(invocation, 'Job', { metadata: { name }, spec: { template }, status: {} });
      return;
    }
    if (words.length > 0) throw new CommandError('cannot specify --from and command');
    await createObject(invocation, 'Job', jobOf(await readCronJob(invocation), name));
  },
});

async function readCronJob({ session, io, flags: { from } }: Invocation<typeof flags>): Promise<CronJob> {
  const [found, ...more] = await requireObjects(session, io, { args: [from] });
  if (!found || more.length > 0) throw new CommandError('from must be an existing cronjob');
  const { kind } = found.object;
  if (kind !== 'CronJob') throw new CommandError(`unknown object type *v1.${kind}`);
  return asKind<CronJob>(found.object);
}

/** The job that a cron job would make now; its owner does not wait for it to be deleted. */
function jobOf({ metadata, spec }: CronJob, name: string): Readonly<Record<string, unknown>> {
  const { annotations, labels } = spec.jobTemplate.metadata ?? {};
  return {
    metadata: {
      name,
      ...(labels ? { labels } : {}),
      annotations: { ...annotations, 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: metadata.name, uid: metadata.uid, controller: true },
      ],
    },
    spec: spec.jobTemplate.spec,
    status: {},
  };
}
