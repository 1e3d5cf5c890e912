import type { Node, Taint } from '../../api/core/node.ts';
import { boolFlag } from '../command/flags.ts';
import { CommandError, throwCollected, usageError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { patchObject } from '../change/patch-object.ts';
import { asKind } from '../resource/kube-object.ts';
import { requireObjects } from '../resource/targets.ts';
import { dryRunFlags, fieldManagerFlag, printFlags, selectorFlag } from './shared-flags.ts';

const flags = {
  ...selectorFlag,
  ...printFlags,
  ...dryRunFlags,
  ...fieldManagerFlag('kubectl-taint'),
  all: boolFlag('Select all nodes in the cluster'),
  overwrite: boolFlag(
    'If true, allow taints to be overwritten, otherwise reject taint updates that overwrite existing taints.',
  ),
} as const;

/** `kubectl taint` */
export const taint = defineVerb({
  usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  long: `Update the taints on one or more nodes.

  *  A taint consists of a key, value, and effect. As an argument here, it is expressed as key=value:effect.
  *  The key must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 253 characters.
  *  The value is optional. If given, it must begin with a letter or number, and may contain letters, numbers, hyphens, dots, and underscores, up to 63 characters.
  *  The effect must be NoSchedule, PreferNoSchedule or NoExecute.
  *  Currently taint can only apply to node.`,
  examples: `# Update node 'foo' with a taint with key 'dedicated' and value 'special-user' and effect 'NoSchedule'
# If a taint with that key and effect already exists, its value is replaced as specified
kubectl taint nodes foo dedicated=special-user:NoSchedule

# Remove from node 'foo' the taint with key 'dedicated' and effect 'NoSchedule' if one exists
kubectl taint nodes foo dedicated:NoSchedule-

# Remove from node 'foo' all the taints with key 'dedicated'
kubectl taint nodes foo dedicated-`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    const first = args.findIndex((arg, at) => at > 0 && /[:=]|-$/.test(arg));
    const changes = parseTaints(first < 0 ? [] : args.slice(first), command);
    const resources = first < 0 ? args : args.slice(0, first);
    if (resources.length === 0) throw new CommandError('one or more resources must be specified as <resource> <name>');
    if (!['node', 'nodes', 'no'].includes(resources[0] ?? ''))
      throw new CommandError(`invalid resource type ${resources[0]}, only node types are supported`);
    if (changes.add.length === 0 && changes.remove.length === 0)
      throw new CommandError('at least one taint update is required');
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun });
    const errors: unknown[] = [];
    for (const { target, object } of await requireObjects(session, io, {
      args: resources,
      labelSelector: given.selector,
      all: given.all,
    })) {
      try {
        const { taints, operation } = changedTaints(asKind<Node>(object), changes, given.overwrite);
        const body = { spec: { taints } };
        if (dryRun === 'client') print(object, operation);
        else
          print(
            await patchObject(session, target, { type: 'merge', body, dryRun, fieldManager: given['field-manager'] }),
            operation,
          );
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
});

interface TaintChanges {
  readonly add: readonly Taint[];
  readonly remove: readonly { readonly key: string; readonly effect: string }[];
}

function parseTaints(args: readonly string[], command: string): TaintChanges {
  const add: Taint[] = [];
  const remove: { key: string; effect: string }[] = [];
  for (const arg of args) {
    const removed = arg.endsWith('-');
    const [, key = '', value = '', effect = ''] =
      /^([^=:]+)(?:=([^:]*))?(?::(.*))?$/.exec(removed ? arg.slice(0, -1) : arg) ?? [];
    if (key === '') throw new CommandError(`unknown taint spec: ${arg}`);
    if (!(removed && effect === '')) checkEffect(effect, arg, command);
    if (removed) remove.push({ key, effect });
    else add.push({ key, ...(value ? { value } : {}), effect } as Taint);
  }
  return { add, remove };
}

function checkEffect(effect: string, arg: string, command: string): void {
  if (effect === '') throw new CommandError(`unknown taint spec: ${arg}`);
  if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(effect)) {
    throw usageError(command, `invalid taint effect: ${effect}, unsupported taint effect`);
  }
}

function changedTaints(
  { metadata, spec }: Node,
  { add, remove }: TaintChanges,
  overwrite: boolean,
): { readonly taints: readonly Taint[]; readonly operation: string } {
  const old = spec?.taints ?? [];
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const clash = add.find((one) => old.some((other) => same(one, other)));
  if (clash && !overwrite) {
    throw new CommandError(
      `node ${metadata.name} already has ${clash.key} taint(s) with same effect(s) and --overwrite is false`,
    );
  }
  for (const { key, effect } of remove) {
    if (!old.some((one) => one.key === key && (effect === '' || one.effect === effect))) {
      throw new CommandError(`taint "${effect ? `${key}:${effect}` : key}" not found`);
    }
  }
  const removed = (one: Taint): boolean =>
    remove.some(({ key, effect }) => one.key === key && (effect === '' || one.effect === effect));
  const kept = old.filter((one) => !removed(one) && !add.some((other) => same(one, other)));
  const operation =
    remove.length > 0 && add.length > 0 ? 'modified' : remove.length > 0 ? 'untainted' : clash ? 'modified' : 'tainted';
  return { taints: [...add, ...kept], operation };
}
