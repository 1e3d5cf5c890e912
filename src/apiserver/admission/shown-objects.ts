/** What webhooks and policies get to see of a request's objects. */
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { AdmissionRequest } from '../ports.ts';
import { inVersion } from '../resources/convert-version.ts';

/** The objects of a request in the version under which somebody sees it. */
export interface Shown {
  readonly shownAs: Resource;
  readonly object: object | undefined;
  readonly oldObject: object | undefined;
}

/** Shows the objects of one request: each is converted once per version, and the new one again after it was changed. */
export class ShownObjects {
  readonly #request: AdmissionRequest;
  readonly #old = new Map<Resource, Promise<object>>();
  readonly #new = new Map<Resource, Promise<object>>();

  constructor(request: AdmissionRequest) {
    this.#request = request;
  }

  /** The objects in a version. Throws InternalError when they can't be converted. */
  async as(shownAs: Resource): Promise<Shown> {
    const { resource, object, old } = this.#request;
    if (shownAs === resource) return { shownAs, object, oldObject: old };
    const [shown, oldObject] = await Promise.all([
      this.#converted(object, shownAs, this.#new),
      this.#converted(old, shownAs, this.#old),
    ]);
    return { shownAs, object: shown, oldObject };
  }

  /** To be called after each change of the object. */
  changed(): void {
    this.#new.clear();
  }

  async #converted(
    object: object | undefined,
    shownAs: Resource,
    known: Map<Resource, Promise<object>>,
  ): Promise<object | undefined> {
    if (!object) return undefined;
    let converted = known.get(shownAs);
    if (!converted) known.set(shownAs, (converted = convert(object, this.#request.resource, shownAs)));
    return converted;
  }
}

/** An object in another version of its kind. Throws InternalError. */
export async function convert(object: object, from: Resource, to: Resource): Promise<object> {
  try {
    return await inVersion(object, from, to);
  } catch (error) {
    throw new StatusError('InternalError', `Internal error occurred: ${messageOf(error)}`, { cause: error });
  }
}
