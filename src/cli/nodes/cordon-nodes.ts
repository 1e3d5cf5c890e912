import type { Node } from '../../api/core/node.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { patchObject } from '../change/patch-object.ts';
import { CommandError, throwCollected, usageError } from '../command/command-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { asKind } from '../resource/kube-object.ts';
import { fetchObjects } from '../resource/targets.ts';
import type { FoundObject } from '../resource/targets.ts';
import type { Session } from '../session.ts';

/** Which nodes, and whether pods may be put on them. */
export interface CordonOptions {
  readonly names: readonly string[];
  readonly selector: string;
  readonly dryRun: string;
  readonly schedulable: boolean;
  readonly command: string;
}

/** Reads the nodes that a command names. */
export async function readNodes(
  session: Session,
  io: CliIo,
  options: Pick<CordonOptions, 'names' | 'selector' | 'command'>,
): Promise<readonly FoundObject[]> {
  const { names, selector, command } = options;
  if (names.length === 0 && selector === '')
    throw usageError(command, `USAGE: ${command.split(' ').at(-1)} NODE [flags]`);
  if (names.length > 0 && selector !== '')
    throw new CommandError('cannot specify both a node name and a --selector option');
  const plain = names.map((name) => name.replace(/^nodes?\//, ''));
  const { found, errors } = await fetchObjects(session, io, { args: ['nodes', ...plain], labelSelector: selector });
  throwCollected(errors);
  return found;
}

/** Marks nodes as unschedulable or schedulable again, and tells about each. */
export async function cordonNodes(
  session: Session,
  io: CliIo,
  options: CordonOptions,
): Promise<readonly FoundObject[]> {
  const dryRun = dryRunOf(options.dryRun);
  const print = await createChangePrinter(io, { output: '' }, { dryRun });
  const nodes = await readNodes(session, io, options);
  const word = options.schedulable ? 'uncordoned' : 'cordoned';
  for (const { target, object } of nodes) {
    const unschedulable = asKind<Node>(object).spec?.unschedulable ?? false;
    if (unschedulable === !options.schedulable) {
      print(object, `already ${word}`);
      continue;
    }
    const body = { spec: { unschedulable: options.schedulable ? null : true } };
    if (dryRun !== 'client') await patchObject(session, target, { type: 'strategic', body, dryRun });
    print(object, word);
  }
  return nodes;
}
