import type { FieldSet } from './field-set.ts';
import type { MergeType } from './merge-type.ts';

/** A set without the fields that a path of the API does not write. */
export type FieldFilter = (set: FieldSet | undefined) => FieldSet | undefined;

/** How an object looks in another version of its kind. */
export interface OtherVersion {
  readonly type: MergeType;
  readonly filter: FieldFilter;
  /** From the version of the request. */
  convert(object: object): object;
  /** To the version of the request. */
  convertBack(object: object): object;
}

/** The kind of an object as one version of the API sees it, and the way to its other versions. */
export interface VersionedType {
  readonly apiVersion: string;
  readonly type: MergeType;
  /** What writes through the path of the request do not own. */
  readonly filter: FieldFilter;
  /** Undefined for versions that are not served. */
  otherVersion(apiVersion: string): OtherVersion | undefined;
}

/** Two versions of an object, in time. */
export interface Change {
  readonly before: object;
  readonly after: object;
}
