/**
 * Sets of fields, in the very form in which objects carry them: FieldsV1. A node is a member when it has `.` or nothing
 * else; its other names are path elements (`f:name`, `k:{"name":"x"}`, `v:"x"`, `i:0`) in upstream's order. Sets are never
 * changed and share their parts. Source: structured-merge-diff's fieldpath.
 */
import { compareElements } from './path-element.ts';

/** A set of fields, or a part of one. A whole set has no membership of its own, and is undefined when empty. */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set being built. */
export type FieldSetDraft = Record<string, FieldSet>;

/** A node that is a member and has no children. */
export const leaf: FieldSet = Object.freeze({});

/** The path elements from the root to a field. */
export type FieldPath = readonly string[];

/** Whether a node has fields below it. */
export function hasChildren(node: FieldSet): boolean {
  for (const element in node) if (element !== '.') return true;
  return false;
}

/** Whether a node is itself in the set. */
export function isMember(node: FieldSet): boolean {
  return node['.'] !== undefined || !hasChildren(node);
}

/** A node with its own membership changed; undefined when nothing is left of it. */
export function withMembership(node: FieldSet, member: boolean): FieldSet | undefined {
  if (!hasChildren(node)) return member ? leaf : undefined;
  if (member === (node['.'] !== undefined)) return node;
  if (member) return { '.': leaf, ...node };
  const { '.': _self, ...children } = node;
  return children;
}

/** Gives children their order, if they are not in it. */
export function ordered(node: FieldSetDraft): FieldSetDraft {
  let previous: string | undefined;
  for (const element in node) {
    if (previous !== undefined && compareElements(previous, element) > 0) return sorted(node);
    previous = element;
  }
  return node;
}

function sorted(node: FieldSetDraft): FieldSetDraft {
  const target: FieldSetDraft = {};
  for (const element of Object.keys(node).sort(compareElements)) target[element] = node[element]!;
  return target;
}

/** What is in either; `a` itself where `b` adds nothing to it. */
export function union(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || a === b) return b;
  if (b === undefined) return a;
  if (!hasChildren(b)) return hasChildren(a) ? withMembership(a, true) : a;
  if (!hasChildren(a)) return withMembership(b, true);
  let target: FieldSetDraft | undefined;
  for (const element in b) {
    const known = a[element];
    const joined = known !== undefined && element === '.' ? known : union(known, b[element])!;
    if (joined !== known) (target ??= { ...a })[element] = joined;
  }
  return target ? ordered(target) : a;
}

/** What is in both. */
export function intersection(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return undefined;
  return filtered(a, isMember(a) && isMember(b), (node, element) => intersection(node, b[element]));
}

/** What is in `a` but not in `b`; the children of a field that `b` has stay. */
export function difference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a;
  return filtered(a, isMember(a) && !isMember(b), (node, element) => difference(node, b[element]));
}

/** What is neither in `b` nor below a field that `b` has. */
export function recursiveDifference(a: FieldSet | undefined, b: FieldSet | undefined): FieldSet | undefined {
  if (a === undefined || b === undefined) return a;
  return filtered(a, isMember(a), (node, element) => {
    const other = b[element];
    return other !== undefined && isMember(other) ? undefined : recursiveDifference(node, other);
  });
}

function filtered(
  node: FieldSet,
  member: boolean,
  keep: (child: FieldSet, element: string) => FieldSet | undefined,
): FieldSet | undefined {
  const target: FieldSetDraft = {};
  let same = true;
  let any = false;
  if (member) target['.'] = leaf;
  for (const element in node) {
    if (element === '.') continue;
    const kept = keep(node[element]!, element);
    if (kept !== node[element]) same = false;
    if (kept === undefined) continue;
    target[element] = kept;
    any = true;
  }
  if (!any) return member ? leaf : undefined;
  return same && member === isMember(node) ? node : target;
}

/** Whether both have the same members. */
export function equalSets(a: FieldSet | undefined, b: FieldSet | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || isMember(a) !== isMember(b)) return false;
  for (const element in a) {
    if (element !== '.' && !equalSets(a[element], b[element])) return false;
  }
  for (const element in b) if (element !== '.' && a[element] === undefined) return false;
  return true;
}

/** Whether the field at `path` is a member. */
export function hasField(set: FieldSet | undefined, path: FieldPath): boolean {
  let node = set;
  for (const element of path) node = node?.[element];
  return node !== undefined && path.length > 0 && isMember(node);
}

/** A set of one field. */
export function setOfPath(path: FieldPath): FieldSet {
  return path.reduceRight<FieldSet>((node, element) => ({ [element]: node }), leaf);
}

/** All members: those of a level before what is below them, as upstream lists them. */
export function fieldPaths(set: FieldSet | undefined): FieldPath[] {
  const paths: FieldPath[] = [];
  if (set) collectPaths(set, [], paths);
  return paths;
}

function collectPaths(node: FieldSet, prefix: FieldPath, paths: FieldPath[]): void {
  for (const element in node) if (element !== '.' && isMember(node[element]!)) paths.push([...prefix, element]);
  for (const element in node) {
    if (element !== '.' && hasChildren(node[element]!)) collectPaths(node[element]!, [...prefix, element], paths);
  }
}
