/** Marks of the class that is taken when none is named. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { ApiObject, Column } from '../../machinery/resource.ts';

const marks: Readonly<Record<string, readonly string[]>> = {
  StorageClass: ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'],
  VolumeAttributesClass: ['volumeattributesclass.alpha.kubernetes.io/is-default-class'],
};

/** The column with a class's name, which says when it is the default one. */
export function classNameCell({ kind, metadata }: ApiObject): string {
  const isDefault = marks[kind]?.some((mark) => metadata.annotations?.[mark] === 'true');
  return isDefault ? `${metadata.name} (default)` : metadata.name;
}

/** The column Age, for kinds that state all their columns. */
export const ageColumn: Column<ApiObject> = ({ metadata }, now) => ageOf(metadata.creationTimestamp, now);
