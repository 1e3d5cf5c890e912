import { isJsonObject } from '../../machinery/schema.ts';
import { CommandError } from '../command/command-error.ts';

/** An object with the JSON of `--overrides` merged over it. Throws when that is none. */
export function overridden(object: object, text: string): unknown {
  let overrides: unknown;
  try {
    overrides = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`Invalid JSON Patch\nthe value of --overrides is no JSON: ${String(error)}`, {
      cause: error,
    });
  }
  return merged(object, overrides);
}

/** A JSON merge patch (RFC 7386). */
function merged(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result: Record<string, unknown> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
