/** Finds the descriptions of kinds and fields. Their tables are big, and loaded only when somebody asks for them. */
import type { Descriptions, StructDescriptions } from '../machinery/descriptions.ts';
import {
  conditionDescriptions,
  kindFieldDescriptions,
  listFieldDescriptions,
  metaDescriptions,
} from '../machinery/descriptions.ts';

/** The tables by group; a group that has none here is described by names alone. */
const tables: Readonly<Record<string, () => Promise<{ readonly descriptions: Descriptions }>>> = {};

/** A struct that is asked about. `group` undefined: one of apimachinery's. */
export interface DescribedStruct {
  readonly group: string | undefined;
  readonly struct: string;
  /** Whether it is a kind, which has metadata and the like. */
  readonly isKind: boolean;
}

/** Every description there is. */
export class DescriptionIndex {
  readonly #tables: ReadonlyMap<string, Descriptions>;

  constructor(tables: ReadonlyMap<string, Descriptions>) {
    this.#tables = tables;
  }

  /** What a field is for; with '' what the struct is for. */
  of({ group, struct, isKind }: DescribedStruct, field: string): string | undefined {
    const own = group === undefined ? metaDescriptions[struct] : this.#tables.get(group)?.[struct];
    const shared: StructDescriptions | undefined = isKind
      ? kindFieldDescriptions
      : struct.endsWith('Condition')
        ? conditionDescriptions
        : undefined;
    return own?.[field] ?? shared?.[field];
  }

  /** What a field of every list is for. */
  list(field: string): string | undefined {
    return listFieldDescriptions[field];
  }
}

/** Loads every table. */
export async function loadDescriptions(): Promise<DescriptionIndex> {
  const loaded = await Promise.all(
    Object.entries(tables).map(async ([group, load]) => [group, (await load()).descriptions] as const),
  );
  return new DescriptionIndex(new Map(loaded));
}
