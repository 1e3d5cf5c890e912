/** JSON as expressions over claims see it: numbers are doubles, and names may be escaped. Source: oidc.go. */
import { unescapeCelName } from '../../../machinery/cel/escape-name.ts';
import { CelDouble, CelList, CelMap } from '../../../machinery/cel/values.ts';
import type { CelValue } from '../../../machinery/cel/values.ts';

/** An object among claims: its field `kubernetes.io` is `kubernetes__dot__io` as well. */
export class ClaimsMap extends CelMap {
  readonly #json: Readonly<Record<string, unknown>>;

  constructor(json: Readonly<Record<string, unknown>>) {
    super();
    this.#json = json;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const name = unescapeCelName(key) ?? key;
    return Object.hasOwn(this.#json, name) ? adaptClaim(this.#json[name]) : undefined;
  }

  keys(): readonly string[] {
    return Object.keys(this.#json);
  }
}

/** Claims, or what else has names of the kind. */
export function claimsValue(json: Readonly<Record<string, unknown>>): ClaimsMap {
  return new ClaimsMap(json);
}

function adaptClaim(json: unknown): CelValue {
  if (typeof json === 'number' || typeof json === 'bigint') return new CelDouble(Number(json));
  if (typeof json === 'string' || typeof json === 'boolean') return json;
  if (Array.isArray(json)) return new CelList(json, adaptClaim);
  if (typeof json === 'object' && json !== null) return new ClaimsMap(json as Readonly<Record<string, unknown>>);
  return null;
}
