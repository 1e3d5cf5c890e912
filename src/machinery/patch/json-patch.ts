/** JSON Patch. Source: RFC 6902 and RFC 6901, with the API server's bounds. */
import { StatusError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../schema.ts';
import { equalJson } from './equal-json.ts';

/** Operations that one patch may hold. Source: apiserver's maxJSONPatchOperations. */
const maxOperations = 10_000;
/** Bytes that `copy` operations may add in all; without a bound, thirty of them fill any memory. */
const maxCopiedBytes = 3 * 1024 * 1024;

/**
 * The document after the patch; neither argument is changed. Throws StatusError: BadRequest for a malformed patch,
 * RequestEntityTooLarge, or Invalid when an operation does not apply.
 */
export function applyJsonPatch(document: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw malformed('a JSON patch must be an array of operations');
  const operations: readonly Json[] = patch;
  if (operations.length > maxOperations) {
    const text = `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${operations.length}`;
    throw new StatusError('RequestEntityTooLarge', text);
  }
  const budget = { copied: 0 };
  return operations.reduce<Json>((current, operation) => applyOperation(current, operation, budget), document);
}

function applyOperation(document: Json, operation: Json, budget: { copied: number }): Json {
  if (!isJsonObject(operation)) throw malformed('an operation must be an object');
  const path = pointer(operation, 'path');
  switch (operation['op']) {
    case 'add':
      return add(document, path, valueOf(operation));
    case 'remove':
      return remove(document, path);
    case 'replace':
      return replace(document, path, valueOf(operation));
    case 'move': {
      const from = pointer(operation, 'from');
      return add(remove(document, from), path, find(document, from));
    }
    case 'copy': {
      const value = find(document, pointer(operation, 'from'));
      budget.copied += JSON.stringify(value).length;
      if (budget.copied > maxCopiedBytes)
        throw inapplicable('Unable to complete the copy, the accumulated size increase exceeds the limit');
      return add(document, path, value);
    }
    case 'test':
      if (!equalJson(find(document, path), valueOf(operation))) {
        throw inapplicable(`testing path /${path.join('/')} failed: test failed`);
      }
      return document;
    default:
      throw malformed(`Unexpected kind: ${JSON.stringify(operation['op'])}`);
  }
}

function valueOf(operation: JsonObject): Json {
  const value = operation['value'];
  if (value === undefined) throw malformed(`the ${JSON.stringify(operation['op'])} operation needs a "value"`);
  return value;
}

function pointer(operation: JsonObject, member: 'path' | 'from'): readonly string[] {
  const text = operation[member];
  if (typeof text !== 'string') throw malformed(`an operation needs a "${member}"`);
  if (text === '') return [];
  if (!text.startsWith('/')) throw malformed(`the ${member} ${JSON.stringify(text)} does not start with "/"`);
  return text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(document: Json, path: readonly string[]): Json {
  let node = document;
  for (const token of path) node = member(node, token, path);
  return node;
}

function member(node: Json, token: string, path: readonly string[]): Json {
  if (Array.isArray(node)) return (node as readonly Json[])[existingIndex(node, token, path)]!;
  const value = isJsonObject(node) && Object.hasOwn(node, token) ? node[token] : undefined;
  if (value === undefined) throw missing(path);
  return value;
}

/** A copy of the document in which `change` has replaced the container that holds the last token of `path`. */
function changeAt(node: Json, path: readonly string[], change: (holder: Json, token: string) => Json, depth = 0): Json {
  const token = path[depth]!;
  if (depth === path.length - 1) return change(node, token);
  const inner = changeAt(member(node, token, path), path, change, depth + 1);
  if (Array.isArray(node)) return (node as readonly Json[]).with(existingIndex(node, token, path), inner);
  return { ...(node as JsonObject), [token]: inner };
}

function add(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return changeAt(document, path, (holder, token) => {
    if (Array.isArray(holder)) {
      const list: readonly Json[] = holder;
      const index = token === '-' ? list.length : indexOf(token, list.length, path);
      return list.toSpliced(index, 0, value);
    }
    if (!isJsonObject(holder)) throw missing(path);
    return { ...holder, [token]: value };
  });
}

function remove(document: Json, path: readonly string[]): Json {
  if (path.length === 0) throw inapplicable('unable to remove the whole document');
  return changeAt(document, path, (holder, token) => {
    if (Array.isArray(holder)) return (holder as readonly Json[]).toSpliced(existingIndex(holder, token, path), 1);
    if (!isJsonObject(holder) || !Object.hasOwn(holder, token)) throw missing(path);
    const { [token]: _removed, ...rest } = holder;
    return rest;
  });
}

function replace(document: Json, path: readonly string[], value: Json): Json {
  if (path.length === 0) return value;
  return changeAt(document, path, (holder, token) => {
    if (Array.isArray(holder)) return (holder as readonly Json[]).with(existingIndex(holder, token, path), value);
    if (!isJsonObject(holder) || !Object.hasOwn(holder, token)) throw missing(path);
    return { ...holder, [token]: value };
  });
}

function existingIndex(list: readonly unknown[], token: string, path: readonly string[]): number {
  return indexOf(token, list.length - 1, path);
}

function indexOf(token: string, highest: number, path: readonly string[]): number {
  const index = /^(0|[1-9]\d{0,9})$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > highest)
    throw inapplicable(`Unable to access invalid index in /${path.join('/')}: ${token}`);
  return index;
}

function missing(path: readonly string[]): StatusError {
  return inapplicable(`doc is missing path: /${path.join('/')}: missing value`);
}

function inapplicable(detail: string): StatusError {
  return new StatusError('Invalid', `the server rejected our request due to an error in our request: ${detail}`);
}

function malformed(detail: string): StatusError {
  return new StatusError('BadRequest', `error decoding patch: ${detail}`);
}
