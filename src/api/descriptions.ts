/** Finds the descriptions of kinds and fields. Their tables are big, and loaded only when somebody asks for them. */
import type { Descriptions, StructDescriptions } from '../machinery/descriptions.ts';
import {
  conditionDescriptions,
  kindFieldDescriptions,
  listFieldDescriptions,
  metaDescriptions,
} from '../machinery/descriptions.ts';

/** The tables by group; a group that has none here is described by names alone. */
const tables: Readonly<Record<string, () => Promise<{ readonly descriptions: Descriptions }>>> = {
  '': () => import('./core/descriptions.ts'),
  'admissionregistration.k8s.io': () => import('./admissionregistration/descriptions.ts'),
  'apiextensions.k8s.io': () => import('./apiextensions/descriptions.ts'),
  'apiregistration.k8s.io': () => import('./apiregistration/descriptions.ts'),
  apps: () => import('./apps/descriptions.ts'),
  'authentication.k8s.io': () => import('./authentication/descriptions.ts'),
  'authorization.k8s.io': () => import('./authorization/descriptions.ts'),
  autoscaling: () => import('./autoscaling/descriptions.ts'),
  batch: () => import('./batch/descriptions.ts'),
  'certificates.k8s.io': () => import('./certificates/descriptions.ts'),
  'coordination.k8s.io': () => import('./coordination/descriptions.ts'),
  'discovery.k8s.io': () => import('./discovery/descriptions.ts'),
  'events.k8s.io': () => import('./events/descriptions.ts'),
  'flowcontrol.apiserver.k8s.io': () => import('./flowcontrol/descriptions.ts'),
  'networking.k8s.io': () => import('./networking/descriptions.ts'),
  'node.k8s.io': () => import('./node/descriptions.ts'),
  policy: () => import('./policy/descriptions.ts'),
  'rbac.authorization.k8s.io': () => import('./rbac/descriptions.ts'),
  'resource.k8s.io': () => import('./resource/descriptions.ts'),
  'scheduling.k8s.io': () => import('./scheduling/descriptions.ts'),
  'storage.k8s.io': () => import('./storage/descriptions.ts'),
  'storagemigration.k8s.io': () => import('./storagemigration/descriptions.ts'),
};

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

  /** Group, struct and field of everything that the tables of groups describe. */
  entries(): readonly (readonly [group: string, struct: string, field: string])[] {
    return [...this.#tables].flatMap(([group, table]) =>
      Object.entries(table).flatMap(([struct, fields]) =>
        Object.keys(fields).map((field) => [group, struct, field] as const),
      ),
    );
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
