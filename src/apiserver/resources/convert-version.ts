/** Objects in other versions of their kind, which for custom resources a webhook may have to tell. */
import type { ApiObject, Resource } from '../../machinery/resource.ts';

/** An object of one version in another; a promise where a webhook has to be asked. */
export function inVersion(object: object, from: Resource, to: Resource): object | Promise<object> {
  if (from === to) return object;
  const { custom } = to;
  if (custom?.convert) return custom.convert([object as ApiObject]).then(([converted = object]) => converted);
  if (custom) return custom.fromStored(object as ApiObject) ?? object;
  const stored = from.storedAs ? from.storedAs.toStored(object as ApiObject) : object;
  return to.storedAs ? to.storedAs.fromStored(stored as ApiObject) : stored;
}

/** Converts at once, or ends the decision that asked, to be made again. */
export type Convert = (object: object, from: Resource, to: Resource) => object;

/**
 * Makes a decision that can't wait but needs objects in other versions: it is made anew, from its beginning, whenever a
 * conversion that it asked for has come, and so must have no effects.
 */
export function withConversions<T>(decide: (convert: Convert) => T): T | Promise<T> {
  const known = new Map<string, object>();
  const convert: Convert = (object, from, to) => {
    const key = to.custom?.convert ? `${to.apiVersion} ${JSON.stringify(object)}` : '';
    const converted = known.get(key);
    if (converted) return converted;
    const pending = inVersion(object, from, to);
    if (!(pending instanceof Promise)) return pending;
    throw new Unconverted(pending.then((made) => void known.set(key, made)));
  };
  const attempt = (): T | Promise<T> => {
    try {
      return decide(convert);
    } catch (error) {
      if (!(error instanceof Unconverted)) throw error;
      return error.conversion.then(attempt);
    }
  };
  return attempt();
}

/** Ends a decision that lacks an object. */
class Unconverted extends Error {
  readonly conversion: Promise<void>;

  constructor(conversion: Promise<void>) {
    super('a conversion has to be waited for');
    this.conversion = conversion;
  }
}
