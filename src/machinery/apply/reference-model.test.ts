import { expect, test } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { fieldPaths } from './field-set.ts';
import { printPath } from './path-element.ts';
import { ManagedObject } from './testing/managed-object.ts';
import { ReferenceModel, factsOf } from './testing/reference-model.ts';
import { Thing } from './testing/thing.ts';

/** Random objects of the kind: few names and values, so that they meet. */
class Things {
  readonly #random = seededRandom(Number(process.env['SEED'] ?? 1));

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.#random.next() * values.length)]!;
  }

  some<T>(values: readonly T[]): T[] {
    const chosen = values.filter(() => this.chance(0.5));
    const all = chosen.length > 0 ? chosen : [this.pick(values)];
    return this.chance(0.3) ? all.reverse() : all;
  }

  map(value: () => Json): JsonObject {
    return Object.fromEntries(this.some(['p', 'q', 'r']).map((key) => [key, value()]));
  }

  ports(): Json {
    const keys = this.some(['1/TCP', '1/UDP', '2/TCP']).map((key) => key.split('/'));
    return keys.map(([port, protocol]) => ({
      port: Number(port),
      ...(protocol === 'TCP' && this.chance(0.3) ? {} : { protocol: protocol! }),
      ...(this.chance(0.5) ? { name: this.pick(['x', 'y']) } : {}),
    }));
  }

  inner(name?: string): JsonObject {
    return this.struct({
      name: () => name ?? this.pick(['x', 'y']),
      ...(name === undefined ? {} : { always: ['name'] }),
      value: () => this.pick([1, 2]),
      args: () => this.some(['a', 'b']),
      labels: () => this.map(() => this.pick(['1', '2'])),
      ports: () => this.ports(),
    });
  }

  struct({ always = [], ...fields }: Record<string, (() => Json) | readonly string[]>): JsonObject {
    const names = Object.keys(fields);
    const chosen = new Set([...this.some(names), ...(always as readonly string[])]);
    const entries = names.filter((name) => chosen.has(name)).map((name) => [name, (fields[name] as () => Json)()]);
    return Object.fromEntries(entries) as JsonObject;
  }

  any(depth = 0): Json {
    if (depth > 1 || this.chance(0.4)) return this.pick<Json>([1, 'x', [1, { a: 1 }], true]);
    return this.map(() => this.any(depth + 1));
  }

  thing(): JsonObject {
    return this.struct({
      name: () => this.pick(['x', 'y']),
      count: () => this.pick([1, 2]),
      inner: () => this.inner(),
      atomic: () => ({ x: this.pick([1, 2]) }),
      labels: () => this.map(() => this.pick(['1', '2'])),
      atomicMap: () => this.map(() => this.pick(['1', '2'])),
      values: () => this.some(['a', 'b']),
      set: () => this.some(['a', 'b', 'c']),
      ports: () => this.ports(),
      items: () => this.some(['x', 'y', 'z']).map((name) => this.inner(name)),
      inners: () => this.map(() => this.inner()),
      lists: () => this.map(() => this.some(['a', 'b'])),
      any: () => this.map(() => this.any()),
    });
  }
}

test('applies and updates at random agree with a slow model, in what becomes of the object and of its owners', () => {
  const things = new Things();
  for (let run = 0; run < 150; run++) {
    const state = new ManagedObject(Thing.node);
    const model = new ReferenceModel(Thing.node);
    for (let step = 0; step < 8; step++) {
      const thing = things.thing();
      if (things.chance(0.75)) {
        const manager = things.pick(['a', 'b', 'c']);
        state.apply(manager, thing, { force: true });
        model.apply(manager, thing);
      } else {
        const manager = things.pick(['u', 'v']);
        state.update(manager, thing);
        model.update(manager, thing);
      }
      const where = `run ${run}, step ${step}`;
      expect([where, [...factsOf(Thing.node, state.object).keys()].sort()]).toEqual([
        where,
        [...model.facts.keys()].sort(),
      ]);
      for (const [path, { value }] of factsOf(Thing.node, state.object))
        expect([where, path, value]).toEqual([where, path, model.facts.get(path)?.value]);
      const owners = state.managers.map(
        ({ manager, set }) => [manager, fieldPaths(set).map(printPath).sort()] as const,
      );
      const expected = [...model.owners].map(([manager, paths]) => [manager, [...paths].sort()] as const);
      expect([where, Object.fromEntries(owners)]).toEqual([where, Object.fromEntries(expected)]);
    }
  }
});
