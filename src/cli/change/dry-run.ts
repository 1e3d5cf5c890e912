import { CommandError } from '../command/command-error.ts';

/** How far a change goes: for real, only to the server's admission, or not at all. */
export type DryRun = 'none' | 'server' | 'client';

/** Reads the value of `--dry-run`. */
export function dryRunOf(text: string): DryRun {
  switch (text) {
    case 'none':
    case 'server':
    case 'client':
      return text;
    // Deprecated forms that upstream still understands.
    case 'unchanged':
    case 'true':
      return 'client';
    case 'false':
      return 'none';
    default:
      throw new CommandError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
  }
}

/** The query parameters of a write: `dryRun`, `fieldManager`, `fieldValidation`, and `force` of an apply. */
export function writeQuery(options: {
  readonly dryRun?: DryRun;
  readonly fieldManager?: string;
  readonly validate?: string;
  readonly force?: boolean;
}): Readonly<Record<string, string | undefined>> {
  return {
    dryRun: options.dryRun === 'server' ? 'All' : undefined,
    fieldManager: options.fieldManager || undefined,
    force: options.force === undefined ? undefined : String(options.force),
    fieldValidation: options.validate === undefined ? undefined : fieldValidation(options.validate),
  };
}

function fieldValidation(text: string): string {
  switch (text.toLowerCase()) {
    case 'strict':
    case 'true':
      return 'Strict';
    case 'warn':
      return 'Warn';
    case 'ignore':
    case 'false':
      return 'Ignore';
    default:
      throw new CommandError(
        `invalid - validate option ${text}; must be one of: strict (or true), warn, ignore (or false)`,
      );
  }
}
