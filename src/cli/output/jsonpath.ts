/** JSONPath for kubectl: the machinery's, with its failures as the command's. */
import * as jsonpath from '../../machinery/jsonpath/jsonpath.ts';
import type { JsonPathOptions } from '../../machinery/jsonpath/jsonpath.ts';
import { JsonPathError } from '../../machinery/jsonpath/jsonpath-error.ts';
import { CommandError } from '../command/command-error.ts';
import { toGoJson } from './json-output.ts';

/** A JSONPath template, compiled. */
export interface JsonPathTemplate {
  /** The text that the template makes of `data`. */
  render(data: unknown): string;
  /** What each action of the template finds, in order. */
  find(data: unknown): readonly (readonly unknown[])[];
}

/** Compiles a JSONPath template; throws CommandError when it is malformed. */
export function compileJsonPath(source: string, options?: JsonPathOptions): JsonPathTemplate {
  const compiled = asCommand(() => jsonpath.compileTemplate(source, options));
  const find = (data: unknown): readonly (readonly unknown[])[] => asCommand(() => compiled(data));
  return {
    find,
    render: (data) =>
      find(data)
        .map((values) => values.map(valueText).join(' '))
        .join(''),
  };
}

/** Compiles a bare path (`.metadata.name`) into the function that finds its values. */
export function compilePath(source: string, options?: JsonPathOptions): (data: unknown) => readonly unknown[] {
  const compiled = asCommand(() => jsonpath.compilePath(source, options));
  return (data) => asCommand(() => compiled(data));
}

function asCommand<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof JsonPathError ? new CommandError(error.message, { cause: error }) : error;
  }
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? toGoJson(value) : String(value);
}
