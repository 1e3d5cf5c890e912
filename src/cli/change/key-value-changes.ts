import { isDeepStrictEqual } from 'node:util';
import { labelValueErrors } from '../../machinery/formats.ts';
import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation, Verb } from '../command/verb.ts';
import { fetchObjects } from '../resource/targets.ts';
import type { FoundObject } from '../resource/targets.ts';
import { valueAt, withValueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import {
  allNamespacesFlag,
  dryRunFlags,
  fieldManagerFlag,
  fileFlags,
  printFlags,
  selectorFlag,
} from '../verbs/shared-flags.ts';
import { createChangePrinter } from './change-output.ts';
import { dryRunOf } from './dry-run.ts';
import { patchObject } from './patch-object.ts';

/** What distinguishes `label` from `annotate`. */
export interface KeyValueVerbOptions {
  readonly verb: 'label' | 'annotate';
  /** `label` or `annotation` */
  readonly noun: 'label' | 'annotation';
  readonly field: 'labels' | 'annotations';
  readonly long: string;
  readonly examples: string;
  /** What is said when something was set, only removed, and when nothing changed. */
  readonly operations: readonly [set: string, removed: string, unchanged: string];
}

const flags = {
  ...fileFlags('identifying the resource to update'),
  ...selectorFlag,
  ...allNamespacesFlag,
  ...printFlags,
  ...dryRunFlags,
  ...fieldManagerFlag(''),
  all: boolFlag('Select all resources, in the namespace of the specified resource types'),
  'field-selector': textFlag(
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
  ),
  list: boolFlag('If true, display what is set for a given resource.'),
  local: boolFlag('If true, change the objects of the files and print them without contacting the server.'),
  overwrite: boolFlag(
    'If true, allow values to be overwritten, otherwise reject updates that overwrite existing ones.',
  ),
  'resource-version': textFlag(
    'If non-empty, the update will only succeed if this is the current resource-version for the object. Only valid when specifying a single resource.',
  ),
} as const;

type KeyValueInvocation = Invocation<typeof flags>;

/** The changes that `a=b c-` asks for. */
export interface KeyValueChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
}

/** Makes `label` and `annotate`, which differ in words only. */
export function keyValueVerb(options: KeyValueVerbOptions): Verb {
  return defineVerb({
    usage: `${options.verb} [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]`,
    long: options.long,
    examples: options.examples,
    flags,
    run: (invocation) => runVerb(invocation, options),
  });
}

async function runVerb(invocation: KeyValueInvocation, options: KeyValueVerbOptions): Promise<void> {
  const { args, flags: given, session, io, command } = invocation;
  const split = args.findIndex((arg, at) => (at > 0 ? isChange(arg) : isChange(arg) && given.filename.length > 0));
  const resources = split < 0 ? args : args.slice(0, split);
  const changes = parseChanges(split < 0 ? [] : args.slice(split), options);
  const anything = Object.keys(changes.set).length > 0 || changes.remove.length > 0;
  if (resources.length === 0 && given.filename.length === 0) {
    throw new CommandError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  }
  if (!anything && !given.list) throw new CommandError(`at least one ${options.noun} update is required`);
  const dryRun = dryRunOf(given['dry-run']);
  const print = await createChangePrinter(io, given, { dryRun: given.local ? 'client' : dryRun });
  const { found, errors } = await fetchObjects(session, io, {
    args: resources,
    filenames: given.filename,
    recursive: given.recursive,
    labelSelector: given.selector,
    fieldSelector: given['field-selector'],
    allNamespaces: given['all-namespaces'],
    all: given.all,
  });
  const failures = [...errors];
  for (const one of found) {
    try {
      if (given.list) listValues(invocation, one, options);
      if (!anything) continue;
      const changed = await change(invocation, one, { changes, options, command });
      print(changed.object, changed.operation);
    } catch (error) {
      failures.push(error);
    }
  }
  throwCollected(failures);
}

function isChange(arg: string): boolean {
  return arg.includes('=') || (arg.endsWith('-') && arg !== '-');
}

/** Reads `key=value` and `key-` arguments; throws when a key is both set and removed, or an argument is neither. */
export function parseChanges(args: readonly string[], { noun }: Pick<KeyValueVerbOptions, 'noun'>): KeyValueChanges {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals > 0) {
      if (noun === 'label') checkLabel(arg, equals);
      set[arg.slice(0, equals)] = arg.slice(equals + 1);
    } else if (arg.endsWith('-') && equals < 0) remove.push(arg.slice(0, -1));
    else throw new CommandError(`unknown ${noun} spec: ${arg}`);
  }
  const both = remove.find((key) => Object.hasOwn(set, key));
  if (both !== undefined) throw new CommandError(`can not both modify and remove a ${noun} in the same command`);
  return { set, remove };
}

function checkLabel(arg: string, equals: number): void {
  const errors = labelValueErrors(arg.slice(equals + 1));
  if (errors.length > 0) throw new CommandError(`invalid label value: ${JSON.stringify(arg)}: ${errors.join(';')}`);
}

interface ChangeWork {
  readonly changes: KeyValueChanges;
  readonly options: KeyValueVerbOptions;
  readonly command: string;
}

async function change(
  { flags: given, session, io }: KeyValueInvocation,
  { target, object }: FoundObject,
  { changes, options, command }: ChangeWork,
): Promise<{ readonly object: KubeObject; readonly operation: string }> {
  const before = valuesOf(object, options.field);
  if (!given.overwrite) refuseOverwriting(before, changes, options);
  for (const key of options.noun === 'label' ? changes.remove : []) {
    if (!Object.hasOwn(before, key)) io.stdout.write(`label "${key}" not found.\n`);
  }
  const after: Record<string, string> = { ...before, ...changes.set };
  for (const key of changes.remove) delete after[key];
  const [set, removed, unchanged] = options.operations;
  const same = isDeepStrictEqual(before, after);
  const shrunk = !given.overwrite && Object.keys(after).length < Object.keys(before).length;
  const operation = same ? unchanged : shrunk ? removed : set;
  if (given['dry-run'] === 'client' || given.local) {
    return { object: withValueAt(object, ['metadata', options.field], after), operation };
  }
  const removals = Object.fromEntries(
    changes.remove.filter((key) => Object.hasOwn(before, key)).map((key) => [key, null]),
  );
  const values = { ...changes.set, ...removals };
  const version = given['resource-version'];
  const metadata = { ...(same ? {} : { [options.field]: values }), ...(version ? { resourceVersion: version } : {}) };
  if (same) return { object, operation };
  const patched = await patchObject(session, target, {
    type: 'merge',
    body: { metadata },
    dryRun: dryRunOf(given['dry-run']),
    fieldManager: given['field-manager'] || `kubectl-${command.split(' ').at(-1)}`,
  });
  return { object: patched, operation };
}

function refuseOverwriting(
  before: Readonly<Record<string, string>>,
  { set }: KeyValueChanges,
  { noun }: Pick<KeyValueVerbOptions, 'noun'>,
): void {
  const taken = Object.entries(set).filter(([key, value]) => Object.hasOwn(before, key) && before[key] !== value);
  if (taken.length === 0) return;
  const listed = taken.map(([key]) => `'${key}' already has a value (${before[key]})`);
  throw new CommandError(
    noun === 'label'
      ? listed.map((one) => `${one}, and --overwrite is false`).join('\n')
      : `--overwrite is false but found the following declared annotation(s): ${listed.join('; ')}`,
  );
}

function valuesOf(object: KubeObject, field: string): Readonly<Record<string, string>> {
  return (valueAt(object, 'metadata', field) ?? {}) as Readonly<Record<string, string>>;
}

function listValues({ io }: KeyValueInvocation, { object }: FoundObject, { field }: KeyValueVerbOptions): void {
  for (const [key, value] of Object.entries(valuesOf(object, field)).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    io.stdout.write(`${key}=${value}\n`);
  }
}
