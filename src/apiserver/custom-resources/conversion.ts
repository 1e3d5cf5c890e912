import type { ApiObject } from '../../machinery/resource.ts';

/** Turns objects of any version of a kind into another one. */
export interface Conversion {
  /** The same objects in `apiVersion`, in the same order. Throws StatusError. */
  convert(objects: readonly ApiObject[], apiVersion: string): Promise<readonly ApiObject[]>;
}
