import type { ApiObject } from '../../machinery/resource.ts';

/** The object with one more finalizer. */
export function withFinalizer<T extends ApiObject>(object: T, finalizer: string): T {
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, finalizers: [...(metadata.finalizers ?? []), finalizer] } };
}

/** The object without a finalizer. */
export function withoutFinalizer<T extends ApiObject>(object: T, finalizer: string): T {
  const { metadata } = object;
  const finalizers = (metadata.finalizers ?? []).filter((one) => one !== finalizer);
  return { ...object, metadata: { ...metadata, finalizers } };
}
