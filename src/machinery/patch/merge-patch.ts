/** JSON Merge Patch. Source: RFC 7386. */
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../schema.ts';

/** The document after the patch; neither argument is changed. */
export function applyMergePatch(document: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const target: Record<string, Json | undefined> = isJsonObject(document) ? { ...document } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete target[key];
    else target[key] = applyMergePatch(target[key], value);
  }
  return target;
}
