/** What goes wrong with expressions: at compile time issues with positions, at run time one sentence. */

/** One mistake in an expression. `line` and `column` count from 1, in code points; 0 where there is no position. */
export interface CelIssue {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** When and why an expression failed. `program`: it type-checks, but one of its constants can't be computed. */
export type CelErrorReason = 'compile' | 'program' | 'evaluation' | 'cost' | 'cancelled';

/** A failed compilation or evaluation. The message reads as cel-go's, since clients match on it. */
export class CelError extends Error {
  readonly reason: CelErrorReason;
  readonly issues: readonly CelIssue[];
  /** What the evaluation cost until it failed: budgets are for what was spent. */
  readonly cost: number;

  constructor(
    reason: CelErrorReason,
    message: string,
    { issues = [], cost = 0 }: { readonly issues?: readonly CelIssue[]; readonly cost?: number } = {},
  ) {
    super(message);
    this.name = 'CelError';
    this.reason = reason;
    this.issues = issues;
    this.cost = cost;
  }
}

/**
 * An error inside an evaluation. It is thrown and caught often (`||` absorbs errors), so it is no `Error`: capturing
 * a stack would cost more than the evaluation.
 */
export class CelFailure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Whether `||` and its like may absorb an error: one of the evaluation itself, or of one that a binding started. */
export function isAbsorbable(error: unknown): error is CelFailure | CelError {
  return error instanceof CelFailure || (error instanceof CelError && error.reason === 'evaluation');
}

/** Ends an evaluation without any chance of absorption: the budget is spent, or the caller has gone. */
export class CelAbort {
  readonly reason: 'cost' | 'cancelled';

  constructor(reason: 'cost' | 'cancelled') {
    this.reason = reason;
  }
}

/** Ends an evaluation that must wait: it can start again when `ready` is fulfilled. */
export class CelPending {
  readonly ready: Promise<void>;

  constructor(ready: Promise<void>) {
    this.ready = ready;
  }
}

/** Throws a run-time error. */
export function fail(message: string): never {
  throw new CelFailure(message);
}

/** What is said when no overload takes the arguments that turned up. */
export function failNoOverload(): never {
  throw new CelFailure('no such overload');
}

/** A mistake at an offset (UTF-16) of the source; undefined where there is no position. */
export interface LocatedMessage {
  readonly at: number | undefined;
  readonly message: string;
}

/** How much of a line an error shows. Source: cel-go's maxSnippetLength. */
const maxSnippet = 16_384;
const maxIssues = 100;

/** The error of a failed compilation: every issue with its line and a caret, in the order of the source. */
export function compileError(source: string, messages: readonly LocatedMessage[]): CelError {
  const lines = source.split('\n');
  const located = messages.slice(0, maxIssues).map(({ at, message }) => ({ ...positionOf(source, at), message }));
  const issues = located.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const shown = issues.map((issue) => describeIssue(issue, lines[issue.line - 1]));
  const hidden = messages.length - maxIssues;
  if (hidden > 0) shown.push(`${hidden} more errors were truncated`);
  return new CelError('compile', shown.join('\n'), { issues });
}

function positionOf(source: string, at: number | undefined): { line: number; column: number } {
  if (at === undefined) return { line: -1, column: 0 };
  const before = source.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return { line, column: [...before.slice(lineStart)].length + 1 };
}

function describeIssue({ line, column, message }: CelIssue, text: string | undefined): string {
  const head = `ERROR: <input>:${line}:${column}: ${message}`;
  if (text === undefined || text.length > maxSnippet) return head;
  const characters = [...text.replaceAll('\t', ' ')];
  const wide = (character: string | undefined): boolean => (character?.codePointAt(0) ?? 0) > 127;
  const dots = characters.slice(0, column - 1).map((character) => (wide(character) ? '\uff0e' : '.'));
  const caret = wide(characters[column - 1]) ? '\uff3e' : '^';
  return `${head}\n | ${characters.join('')}\n | ${dots.join('')}${caret}`;
}
