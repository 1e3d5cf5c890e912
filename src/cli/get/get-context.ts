import type { CliIo } from '../command/cli-io.ts';
import type { ObjectPrinter, OutputFormat } from '../output/object-printer.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import type { TargetQuery } from '../resource/targets.ts';
import type { Session } from '../session.ts';

/** What one `get` was asked for. */
export interface GetContext {
  readonly session: Session;
  readonly io: CliIo;
  readonly query: TargetQuery;
  /** Objects per page; 0 asks for all at once. */
  readonly chunkSize: number;
  readonly subresource: string;
  readonly ignoreNotFound: boolean;
  readonly sortBy: string;
  readonly showManagedFields: boolean;
  readonly format: OutputFormat;
  /** undefined for tables and names. */
  readonly printer: ObjectPrinter | undefined;
  readonly table: {
    readonly wide: boolean;
    readonly noHeaders: boolean;
    readonly showLabels: boolean;
    readonly labelColumns: readonly string[];
    readonly showKind: boolean;
  };
}

/** A copy without managedFields, unless they are to be shown. */
export function shownObject<T extends KubeObject>(object: T, showManagedFields: boolean): T {
  if (showManagedFields || object.metadata.managedFields === undefined) return object;
  const { managedFields: _hidden, ...metadata } = object.metadata;
  return { ...object, metadata };
}
