/** The columns of kinds of which upstream states none. Source: apiserver's default table convertor. */
import type { Column } from '../../machinery/resource.ts';
import type { ObjectMeta } from '../../machinery/meta.ts';

interface Named {
  readonly metadata: ObjectMeta;
}

/** All columns: when the object was made stands where others show their age. */
export const createdColumns: Readonly<Record<string, Column<Named>>> = {
  Name: ({ metadata }) => metadata.name,
  'Created At': { type: 'date', value: ({ metadata }) => metadata.creationTimestamp },
};
