import type { JsonObject } from '../base/json.ts';
import type { Decoded } from './decode.ts';
import type { FieldError } from './field-error.ts';
import type { ObjectMeta } from './meta.ts';
import { DraftMeta } from './meta.ts';
import type { DraftFields, Fields, StoredFields, Struct, StructNode, Writable } from './schema.ts';
import { nodesOf, struct, text } from './schema.ts';

/** What every stored object has. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** What every object that a client sends has; the client fills in apiVersion and kind. */
export interface DraftObject {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: DraftMeta;
}

/** Names an object: `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** The request verbs of a collection. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A function of a kind, comparable with that of any other kind (methods are bivariant in TypeScript). */
export type Rule<A extends readonly unknown[], R> = { rule(...args: A): R }['rule'];

/** A value shown in a cell. */
export type Cell = string | number | boolean | null | undefined;

/** A printer column: its function, or that plus how it is shown. `wide` columns show with `-o wide` only. */
export type Column<T> = Rule<[object: T, now: number], Cell> | ColumnOptions<T>;

/** A printer column with options. */
export interface ColumnOptions<T> {
  value(object: T, now: number): Cell;
  readonly wide?: boolean;
  /** How unimportant it is, if that is more than being wide. */
  readonly priority?: number;
  readonly type?: 'string' | 'integer' | 'boolean' | 'date' | 'number';
  readonly format?: string;
  readonly description?: string;
}

/** What a validation may know beside the object. `old` is set on updates. */
export interface ValidationContext<T> {
  readonly old?: T | undefined;
  readonly subresource?: string | undefined;
}

/** What preparing a new object may know beside it. */
export interface CreateContext {
  /** Who creates it. */
  readonly user: Requester;
}

/** Who makes a request. Source: authentication.k8s.io UserInfo. */
export interface Requester {
  readonly name: string;
  readonly uid?: string | undefined;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What preparing a write of the status may know. */
export interface StatusContext {
  /** The subresource that is written: `status`, or another one in `statusSubresources`. */
  readonly subresource: string;
  /** RFC 3339. */
  readonly now: string;
}

/** How the scale subresource reads and writes a kind. */
export interface ScaleRules<T> {
  replicas(object: T): number;
  statusReplicas(object: T): number;
  /** The label selector in its string form. */
  selector(object: T): string;
  /** Writes the wished replicas. Default: as `spec.replicas`. */
  setReplicas?(object: Writable<T>, replicas: number): void;
}

/** Metadata that writes of the status may change too, unless a kind says otherwise. */
export type StatusMetadata = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences';

/** All of it: for kinds whose writes of the status change nothing but the status. */
export const statusMetadata: readonly StatusMetadata[] = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

/** How a kind that is another one's second face is stored: as that other kind. */
export interface StoredAs<T> {
  readonly resource: Resource;
  toStored(object: T): object;
  fromStored(object: ApiObject): object;
}

/** What sets kinds that clients define apart: schemas say more than structs can, and any version may be stored. */
export interface CustomKind {
  /** A fresh object out of what a client sent, and what was dropped. Throws StatusError BadRequest. */
  decode(value: unknown): Decoded<ApiObject>;
  /** Its definition is being deleted: objects may go, none may come. */
  readonly terminating: boolean;
  /** The apiVersion in which objects are stored. */
  readonly storageVersion: string;
  /** What is stored of an object; a webhook may have to be asked. */
  toStored(object: ApiObject): ApiObject | Promise<ApiObject>;
  /** A stored object as one of this version; undefined when `convert` must be asked. */
  fromStored(stored: ApiObject): ApiObject | undefined;
  /** Converts stored objects that `fromStored` can't tell, in order; absent when it can tell all. */
  convert?(stored: readonly ApiObject[]): Promise<readonly ApiObject[]>;
}

/** What a kind states of itself; everything else is derived. */
export interface ResourceOptions<F extends Fields, T, D> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular?: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly fields: F;
  /** For kinds that share their objects with another one, such as the events of both groups. */
  readonly storedAs?: StoredAs<T>;
  /** For kinds that custom resource definitions made. */
  readonly custom?: CustomKind;
  /** What every request for this version is warned of: that it is deprecated. */
  readonly deprecation?: string;
  /** Versions that are served no longer, in which objects may still be sent; they look the same. Source: AcceptsGroupVersion. */
  readonly formerVersions?: readonly string[];
  /** The schema that OpenAPI shows, in its version 3, instead of one derived from `fields`: that of a custom resource. */
  readonly openApiSchema?: JsonObject;
  /** Default: all. Reviews have only `create`. */
  readonly verbs?: readonly Verb[];
  /** `status`, `scale`, `log` … as they appear in paths. */
  readonly subresources?: readonly string[];
  /** Those that write the status under another name and for other users, such as `approval`. */
  readonly statusSubresources?: readonly string[];
  /** Those that are the object with some of its spec to write: its spec after such a write, made of what was sent. */
  readonly specSubresources?: Readonly<Record<string, Rule<[sent: T, current: T], object>>>;
  readonly scale?: ScaleRules<T>;
  /** Dotted paths that updates must not change. */
  readonly immutable?: readonly string[];
  /** Name comes first and Age last among the narrow ones by themselves; an own `Age` column overrides. */
  readonly columns?: Readonly<Record<string, Column<T>>>;
  /** Whether `metadata.generation` is kept. Default: of kinds with a spec. */
  readonly countsGeneration?: boolean;
  /** Metadata that writes of the status leave as it is. Source: what upstream's status strategies put back. */
  readonly keptFromStatus?: readonly StatusMetadata[];
  /** Replacing an object that is not there makes it. Source: AllowCreateOnUpdate. */
  readonly createdByReplace?: boolean;
  /**
   * A delete that says nothing of dependents leaves them alone, where it would delete them after their owner; clients may
   * be warned of that. Source: DefaultGarbageCollectionPolicy.
   */
  readonly orphansDependents?: { readonly warning?: string };
  /** Objects own nothing: a delete says nothing of dependents. Source: rest.Unsupported of DefaultGarbageCollectionPolicy. */
  readonly ownsNothing?: boolean;
  /** Whoever replaces an object must say which version of it. Source: AllowUnconditionalUpdate. */
  readonly replacedByVersion?: boolean;
  /** A delete that leaves nothing answers with the object that was, not with a Status. Source: ReturnDeletedObject. */
  readonly answersWithDeleted?: boolean;
  /** Field selectors beside metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, Rule<[object: T], string>>>;
  /** How the object's name must look. Default: a DNS subdomain. */
  readonly nameFormat?: 'subdomain' | 'label' | 'path' | 'service' | 'ip' | 'any';
  /** Defaults that depend on other fields; plain ones stand at the field. Runs on every decode. */
  defaults?(object: Writable<T>): void;
  /** Before a create is validated: clears what clients may not set, such as status. */
  prepareForCreate?(object: Writable<T>, context: CreateContext): void;
  /** Before an update is validated. Status and generation are handled for every kind. */
  prepareForUpdate?(object: Writable<T>, old: T): void;
  /** Before a write of the status, through whichever subresource writes it: settles what it may change. */
  prepareForStatus?(object: Writable<T>, old: T, context: StatusContext): void;
  /** Before the deletion of an object begins; `now` is RFC 3339. */
  prepareForDelete?(object: Writable<T>, context: { readonly now: string }): void;
  validate?(object: T, context: ValidationContext<T>): readonly FieldError[];
  /** Warnings shown to the client of a create or update. */
  warnings?(object: T, context: ValidationContext<T>): readonly string[];
  readonly draft?: D;
}

/** A kind: what it states plus what is derived at once. `T` is the stored type, `D` what clients send. */
export interface Resource<T = ApiObject, D = DraftObject> extends Omit<ResourceOptions<Fields, T, D>, 'fields'> {
  readonly apiVersion: string;
  readonly singular: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  /** Plural with group, as errors and RBAC show it: `deployments.apps`. */
  readonly qualified: string;
  readonly verbs: readonly Verb[];
  readonly subresources: readonly string[];
  /** The whole object, metadata included. */
  readonly schema: StructNode;
}

/** The stored type of a kind: `type Pod = ObjectOf<typeof Pod>`. */
export type ObjectOf<R> = R extends Resource<infer T, infer _D> ? T : never;

/** What a client may send to create or update a kind. */
export type DraftObjectOf<R> = R extends Resource<infer _T, infer D> ? D : never;

/**
 * The stored type of a kind with these fields. A kind whose rules stand in files of their own derives its type from its
 * fields, not from its definition, which refers to those rules: `type Pod = StoredObject<typeof podFields>`.
 */
export type StoredObject<F extends Fields> = ApiObject & StoredFields<F>;
type SentObject<F extends Fields> = DraftObject & DraftFields<F>;

/** What can be done to kinds that do not say otherwise. */
export const allVerbs: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** States a kind. Apart from the returned value nothing happens: add it to the registry to serve it. */
export function defineResource<const F extends Fields>(
  options: ResourceOptions<F, StoredObject<F>, SentObject<F>>,
): Resource<StoredObject<F>, SentObject<F>> {
  const { fields, ...stated } = options;
  const meta = { apiVersion: text(0).optional(), kind: text(0).optional(), metadata: struct(1, DraftMeta).default({}) };
  return {
    ...stated,
    apiVersion: options.group === '' ? options.version : `${options.group}/${options.version}`,
    singular: options.singular ?? options.kind.toLowerCase(),
    listKind: `${options.kind}List`,
    namespaced: options.scope === 'Namespaced',
    qualified: options.group === '' ? options.plural : `${options.plural}.${options.group}`,
    verbs: options.verbs ?? allVerbs,
    subresources: options.subresources ?? [],
    schema: { kind: 'struct', name: options.kind, fields: nodesOf({ ...meta, ...fields }), atomic: false },
  };
}

/** A kind as a field of another one: a whole object, whose metadata may be empty. */
export function embedded<T extends ApiObject, D>(
  resource: Resource<T, D>,
): Struct<Omit<T, keyof ApiObject> & DraftObject, D> {
  return { node: resource.schema };
}

/** The key of an object. */
export function keyOf(object: {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string };
}): ObjectKey {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? { name } : { namespace, name };
}

/** `namespace/name`, or `name` for cluster-scoped objects: the form of work-queue keys and logs. */
export function keyString(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** The inverse of `keyString`. */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
