import { boolFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import type { Flags, FlagValues } from '../command/flags.ts';
import type { Invocation } from '../command/verb.ts';
import { withContext } from '../command/error-text.ts';
import { fetchObjects } from '../resource/targets.ts';
import type { FoundObject } from '../resource/targets.ts';
import { valueAt, withValueAt } from '../resource/kube-object.ts';
import { dryRunFlags, fieldManagerFlag, fileFlags, printFlags, selectorFlag } from '../verbs/shared-flags.ts';
import { schemaOf } from '../apply/apply-object.ts';
import { twoWayPatch } from '../apply/strategic-diff.ts';
import { createChangePrinter } from './change-output.ts';
import { dryRunOf } from './dry-run.ts';
import { patchObject, podSpecPath } from './patch-object.ts';

/** The flags of every `kubectl set`. */
export const setFlags = {
  ...fileFlags('identifying the resource to get from a server.'),
  ...selectorFlag,
  ...printFlags,
  ...dryRunFlags,
  ...fieldManagerFlag('kubectl-set'),
  all: boolFlag('Select all resources, in the namespace of the specified resource types'),
  local: boolFlag('If true, set will NOT contact api-server but run locally.'),
} as const;

/** A container as `set` changes it. */
export interface EditableContainer {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** A pod's spec as `set` changes it. */
export interface EditablePodSpec {
  readonly containers?: readonly EditableContainer[];
  readonly initContainers?: readonly EditableContainer[];
  readonly [field: string]: unknown;
}

/** One change of pod templates. */
export interface PodTemplateChange {
  readonly args: readonly string[];
  /** `image updated` */
  readonly operation: string;
  change(spec: EditablePodSpec, found: FoundObject): EditablePodSpec;
}

type SetInvocation = Pick<Invocation<Flags>, 'session' | 'io'> & { readonly flags: FlagValues<typeof setFlags> };

/** Changes the pod template of every selected object; what does not change is passed over. */
export async function changePodTemplates(
  { flags, session, io }: SetInvocation,
  work: PodTemplateChange,
): Promise<void> {
  const dryRun = dryRunOf(flags['dry-run']);
  const print = await createChangePrinter(io, flags, { dryRun });
  const query = {
    args: work.args,
    filenames: flags.filename,
    recursive: flags.recursive,
    labelSelector: flags.selector,
    all: flags.all,
  };
  const { found, errors } = await fetchObjects(session, io, query);
  const failures = [...errors];
  for (const one of found) {
    const { target, object } = one;
    try {
      const path = podSpecPath(one);
      if (!path)
        throw new CommandError(
          `${target.resource.plural}/${target.name} the object is not a pod or does not have a pod template: *v1.${object.kind}`,
        );
      const spec = (valueAt(object, ...path) ?? {}) as EditablePodSpec;
      const changed = withValueAt(object, path, work.change(spec, one));
      const body = twoWayPatch(object, changed, schemaOf(object));
      if (Object.keys(body).length === 0) continue;
      if (dryRun === 'client' || flags.local) print(changed, work.operation);
      else
        print(
          await patchObject(session, target, { type: 'strategic', body, dryRun, fieldManager: flags['field-manager'] }),
          work.operation,
        );
    } catch (error) {
      failures.push(
        error instanceof CommandError
          ? error
          : withContext(`failed to patch ${work.operation.split(' ')[0]} update to pod template`, error),
      );
    }
  }
  throwCollected(failures);
}

/** Splits arguments into resources and `key=value` assignments. */
export function splitAssignments(args: readonly string[]): {
  readonly resources: readonly string[];
  readonly assignments: readonly string[];
} {
  const first = args.findIndex((arg) => arg.includes('=') || (arg.endsWith('-') && arg.length > 1));
  return first < 0
    ? { resources: args, assignments: [] }
    : { resources: args.slice(0, first), assignments: args.slice(first) };
}

/** Whether a container's name fits a pattern with `*`. */
export function matchesPattern(name: string, pattern: string): boolean {
  const form = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${form.join('.*')}$`).test(name);
}
