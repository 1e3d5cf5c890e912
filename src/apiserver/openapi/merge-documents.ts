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

/** What of a document is about paths with a prefix: those paths, and the definitions that they need. */
export function documentUnder(prefix: string, document: Members): Members {
  const definitions = membersOf(document['definitions']);
  const paths = Object.fromEntries(
    Object.entries(membersOf(document['paths'])).filter(([path]) => path.startsWith(prefix)),
  );
  const needed = new Map<string, unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, item] of Object.entries(value)) {
      const target = name === '$ref' && typeof item === 'string' ? item.slice(reference.length) : undefined;
      if (target === undefined || needed.has(target)) visit(item);
      else if (target in definitions) {
        needed.set(target, definitions[target]);
        visit(definitions[target]);
      }
    }
  };
  visit(paths);
  // Kinds that no path mentions are explained too.
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = membersOf(definition)['x-kubernetes-group-version-kind'];
    if (!Array.isArray(kinds) || kinds.length !== 1) continue;
    const { group, version } = membersOf(kinds[0]);
    if (prefix === `/apis/${String(group)}/${String(version)}/`) visit({ $ref: `${reference}${name}` });
  }
  return { paths, definitions: Object.fromEntries(needed) };
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

const reference = '#/definitions/';

function renameReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (name !== '$ref' || typeof item !== 'string' || !item.startsWith(reference))
        return [name, renameReferences(item, names)];
      const target = item.slice(reference.length);
      return [name, `${reference}${names.get(target) ?? target}`];
    }),
  );
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

function sorted(members: Members): Members {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}
