/** One OpenAPI 2 document out of several servers'. Source: kube-openapi's aggregator. */
import { equalJson } from '../../machinery/patch/equal-json.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Adds to a document what others have: their paths, unless there is one of the same name, and the definitions they need.
 * A definition that says something else under a name that is taken gets another name.
 */
export function withRemoteDocuments(own: object, others: readonly Members[]): object {
  if (others.length === 0) return own;
  const document = own as Members;
  const paths = { ...membersOf(document['paths']) };
  const definitions = { ...membersOf(document['definitions']) };
  for (const other of others) {
    const names = freeNames(membersOf(other['definitions']), definitions);
    const renamed = renameReferences(other, names) as Members;
    for (const [name, definition] of Object.entries(membersOf(renamed['definitions']))) {
      definitions[names.get(name) ?? name] ??= definition;
    }
    for (const [path, item] of Object.entries(membersOf(renamed['paths']))) paths[path] ??= item;
  }
  return { ...document, paths: sorted(paths), definitions: sorted(definitions) };
}

/** New names for definitions whose name stands for something else already. */
function freeNames(wanted: Members, taken: Members): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(wanted)) {
    // What refers to a renamed definition differs too, but means the same to clients: apimachinery's types are everyone's.
    if (!(name in taken) || equalJson(taken[name], definition) || name.startsWith('io.k8s.apimachinery.')) continue;
    let version = 2;
    while (`${name}_v${version}` in taken || `${name}_v${version}` in wanted) version++;
    names.set(name, `${name}_v${version}`);
  }
  return names;
}

const prefix = '#/definitions/';

function renameReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (name !== '$ref' || typeof item !== 'string' || !item.startsWith(prefix))
        return [name, renameReferences(item, names)];
      const target = item.slice(prefix.length);
      return [name, `${prefix}${names.get(target) ?? target}`];
    }),
  );
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function sorted(members: Members): Members {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}
