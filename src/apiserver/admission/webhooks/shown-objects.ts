import type { ApiObject, Resource } from '../../../machinery/resource.ts';
import type { AdmissionRequest } from '../../ports.ts';

/** The request's objects in the version that a webhook or policy knows. */
export function shownObjects(
  { object, old, resource }: AdmissionRequest,
  shownAs: Resource,
): { readonly object: unknown; readonly oldObject: unknown } {
  return { object: convert(object, resource, shownAs), oldObject: convert(old, resource, shownAs) };
}

/** An object in another version of its kind, by way of the stored one. */
export function convert(object: unknown, from: Resource, to: Resource): unknown {
  if (object === undefined || from === to) return object;
  // What only a conversion webhook could convert is shown as it is.
  if (to.custom) return to.custom.fromStored(object as ApiObject) ?? object;
  const stored = from.storedAs ? from.storedAs.toStored(object as ApiObject) : object;
  return to.storedAs ? to.storedAs.fromStored(stored as ApiObject) : stored;
}
