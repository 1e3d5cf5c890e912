import type { CliIo } from '../command/cli-io.ts';
import { shownObject } from '../get/get-context.ts';
import { changeFormats, createObjectPrinter, parseOutputFormat } from '../output/object-printer.ts';
import { kindWithGroup } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import type { DryRun } from './dry-run.ts';

/** Tells what was done to an object: `deployment.apps/web created`, or the object in the format of `-o`. */
export type ChangePrinter = (object: KubeObject, operation: string) => void;

/** The flags that decide how changes are told. */
export interface ChangeOutputFlags {
  readonly output: string;
  readonly template?: string;
  readonly 'show-managed-fields'?: boolean;
}

const suffixes: Readonly<Record<DryRun, string>> = { none: '', server: ' (server dry run)', client: ' (dry run)' };

/** Makes the printer of changes. Throws for an unknown format, before anything is changed. */
export async function createChangePrinter(
  io: CliIo,
  flags: ChangeOutputFlags,
  { dryRun, sorted = true }: { readonly dryRun: DryRun; readonly sorted?: boolean },
): Promise<ChangePrinter> {
  const format = parseOutputFormat(flags.output, flags.template, changeFormats);
  if (format.name === 'name') return (object) => void io.stdout.write(`${reference(object)}\n`);
  const printer = await createObjectPrinter(format, io.cwd, { sorted });
  if (printer?.kind !== 'text') {
    return (object, operation) => void io.stdout.write(`${reference(object)} ${operation}${suffixes[dryRun]}\n`);
  }
  const shows = flags['show-managed-fields'] ?? false;
  return (object) => void io.stdout.write(printer.render(shownObject(object, shows)));
}

function reference(object: KubeObject): string {
  return `${kindWithGroup(object)}/${object.metadata.name ?? '<unknown>'}`;
}
