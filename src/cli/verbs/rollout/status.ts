import { boolFlag, durationFlag, intFlag } from '../../command/flags.ts';
import { CommandError, throwCollected } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';
import type { Invocation } from '../../command/verb.ts';
import { rolloutProgress } from '../../rollout/rollout-status.ts';
import { fetchObjects } from '../../resource/targets.ts';
import type { FoundObject } from '../../resource/targets.ts';
import { deadlineSignal, followObject } from '../../wait/follow-object.ts';
import { fileFlags, selectorFlag } from '../shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  revision: intFlag('Pin to a specific revision for showing its status. Defaults to 0 (last revision).'),
  timeout: durationFlag(
    'The length of time to wait before ending watch, zero means never. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).',
  ),
  watch: boolFlag("Watch the status of the rollout until it's done.", { short: 'w', initial: true }),
} as const;

/** `kubectl rollout status` */
export const rolloutStatus = defineVerb({
  usage: 'rollout status (TYPE NAME | TYPE/NAME) [flags]',
  long: `Show the status of the rollout.

 By default 'rollout status' will watch the status of the latest rollout until it's done. If you don't want to wait for the rollout to finish then you can use --watch=false. Note that if a new rollout starts in-between, then 'rollout status' will continue watching the latest revision. If you want to pin to a specific revision and abort if it is rolled over by another revision, use --revision=N where N is the revision you need to watch for.`,
  examples: `# Watch the rollout status of a deployment
kubectl rollout status deployment/nginx`,
  flags,
  async run(invocation) {
    const { args, flags: given, session, io } = invocation;
    if (given.revision < 0) throw new CommandError(`revision must be a positive integer: ${given.revision}`);
    if (args.length === 0 && given.filename.length === 0) throw new CommandError('required resource not specified');
    const query = {
      args,
      filenames: given.filename,
      recursive: given.recursive,
      labelSelector: given.selector,
      all: true,
    };
    const { found, errors } = await fetchObjects(session, io, query);
    throwCollected(errors);
    if (found.length === 0) {
      io.stderr.write(`No resources found in ${session.namespace.name} namespace.\n`);
      return;
    }
    for (const one of found) await showProgress(invocation, one);
  },
});

async function showProgress(
  { flags: given, session, io }: Invocation<typeof flags>,
  { target, object: first }: FoundObject,
): Promise<void> {
  if (!given.watch) {
    io.stdout.write(rolloutProgress(first, given.revision).message);
    return;
  }
  const { signal, expired } = deadlineSignal(given.timeout, io.signal);
  try {
    for await (const state of followObject(session, target, signal)) {
      if (state.kind === 'gone') throw new CommandError('object has been deleted');
      const { message, done } = rolloutProgress(state.object, given.revision);
      io.stdout.write(message);
      if (done) return;
    }
  } catch (error) {
    if (expired()) throw new CommandError('timed out waiting for the condition', { cause: error });
    throw error;
  }
}
