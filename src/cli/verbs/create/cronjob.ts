import { createFlags, createObject } from '../../change/create-object.ts';
import { CommandError } from '../../command/command-error.ts';
import { textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { jobPod, nameAndCommand } from './job-pod.ts';

const flags = {
  ...createFlags,
  image: textFlag('Image name to run.'),
  schedule: textFlag('A schedule in the Cron format the job should be run with.'),
  restart: textFlag("job's restart policy. supported values: OnFailure, Never"),
} as const;

/** `kubectl create cronjob` */
export const createCronJob = defineVerb({
  usage: "create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  long: 'Create a cron job with the specified name.',
  examples: `# Create a cron job
kubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *"

# Create a cron job with a command
kubectl create cronjob my-job --image=busybox --schedule="*/1 * * * *" -- date`,
  flags,
  async run(invocation) {
    const { flags: given } = invocation;
    const missing = (['image', 'schedule'] as const).filter((flag) => given[flag] === '');
    if (missing.length > 0) {
      throw new CommandError(`required flag(s) ${missing.map((flag) => `"${flag}"`).join(', ')} not set`);
    }
    const { name, words } = nameAndCommand(invocation);
    const template = jobPod({ name, image: given.image, words, restartPolicy: given.restart || 'OnFailure' });
    await createObject(invocation, 'CronJob', {
      metadata: { name },
      spec: { schedule: given.schedule, jobTemplate: { metadata: { name }, spec: { template } } },
      status: {},
    });
  },
});
