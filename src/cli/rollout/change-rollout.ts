import { createChangePrinter } from '../change/change-output.ts';
import { patchObject } from '../change/patch-object.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import type { FlagValues, Flags } from '../command/flags.ts';
import type { Invocation } from '../command/verb.ts';
import { fetchObjects } from '../resource/targets.ts';
import type { FoundObject } from '../resource/targets.ts';
import { fieldManagerFlag, fileFlags, printFlags, selectorFlag } from '../verbs/shared-flags.ts';

/** The flags of `rollout pause`, `resume` and `restart`. */
export const rolloutChangeFlags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  ...printFlags,
  ...fieldManagerFlag('kubectl-rollout'),
} as const;

/** One kind of change. */
export interface RolloutChange {
  /** `paused` */
  readonly operation: string;
  /** The strategic merge patch; throws when it makes no sense for the object. */
  patchOf(found: FoundObject): unknown;
}

type RolloutInvocation = Pick<Invocation<Flags>, 'args' | 'session' | 'io'> & {
  readonly flags: FlagValues<typeof rolloutChangeFlags>;
};

/** Patches every selected workload and tells about it. */
export async function changeRollouts(
  { args, flags, session, io }: RolloutInvocation,
  change: RolloutChange,
): Promise<void> {
  if (args.length === 0 && flags.filename.length === 0) throw new CommandError('required resource not specified');
  const print = await createChangePrinter(io, flags, { dryRun: 'none' });
  const query = {
    args,
    filenames: flags.filename,
    recursive: flags.recursive,
    labelSelector: flags.selector,
    all: true,
  };
  const { found, errors } = await fetchObjects(session, io, query);
  const failures = [...errors];
  for (const one of found) {
    try {
      const body = change.patchOf(one);
      print(
        await patchObject(session, one.target, { type: 'strategic', body, fieldManager: flags['field-manager'] }),
        change.operation,
      );
    } catch (error) {
      failures.push(error);
    }
  }
  throwCollected(failures);
}
