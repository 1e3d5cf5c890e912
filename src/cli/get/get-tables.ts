import { ageOf } from '../../machinery/human-duration.ts';
import { hasReason } from '../../base/errors.ts';
import { throwCollected } from '../command/command-error.ts';
import type { ApiResource } from '../resource/discovery.ts';
import { objectsOf } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { listPages, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { TablePrinter, acceptTable, isTable, plainTable } from '../output/server-table.ts';
import type { ServerTable } from '../output/server-table.ts';
import { TabWriter } from '../output/tab-writer.ts';
import { compilePath } from '../output/jsonpath.ts';
import { compareNaturally } from '../output/natural-order.ts';
import type { GetContext } from './get-context.ts';

interface ReadTable {
  readonly target: Target;
  readonly table: ServerTable;
}

/** Prints tables, one for each resource, aligned by themselves and divided by blank lines. */
export async function getTables(context: GetContext): Promise<void> {
  const { session, io, query } = context;
  const targets = await resolveTargets(session, io, query);
  const errors: unknown[] = [];
  const read: ReadTable[] = [];
  for (const target of targets) {
    try {
      for (const table of await readTables(context, target)) read.push({ target, table });
    } catch (error) {
      if (!(context.ignoreNotFound && hasReason(error, 'NotFound'))) errors.push(error);
    }
  }
  const wrote = printTables(context, context.sortBy ? read.map((one) => sortedTable(one, context.sortBy)) : read);
  if (!wrote && !context.ignoreNotFound && errors.length === 0) io.stderr.write(nothingFound(context, targets));
  throwCollected(errors);
}

/** The sentence for a result without objects. */
export function nothingFound(
  { session, query }: Pick<GetContext, 'session' | 'query'>,
  targets: readonly Target[],
): string {
  const namespaced = !query.allNamespaces && targets.every((target) => target.resource.namespaced);
  return namespaced ? `No resources found in ${session.namespace.name} namespace.\n` : 'No resources found\n';
}

/** `deployment.apps`: what goes before names when kinds are shown. */
export function kindPrefixOf(resource: ApiResource): string {
  return (resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`).toLowerCase();
}

/** Takes the server's answer for a table, whether it is one or not. */
export function tableOf(context: GetContext, answer: unknown): ServerTable {
  if (isTable(answer)) return answer;
  return plainTable(objectsOf(answer), (time) => ageOf(time, context.io.clock.now()));
}

async function readTables(context: GetContext, target: Target): Promise<readonly ServerTable[]> {
  const { session, query, chunkSize, subresource } = context;
  const { namespace, name } = target;
  const includeObject = context.sortBy ? { includeObject: 'Object' } : undefined;
  if (name !== undefined) {
    const path = apiPath(target.resource, { namespace, name, subresource });
    return [tableOf(context, await session.connection.json({ path, accept: acceptTable, query: includeObject ?? {} }))];
  }
  const tables: ServerTable[] = [];
  const pages = listPages(session, target, { ...query, limit: chunkSize, accept: acceptTable, extra: includeObject });
  for await (const page of pages) tables.push(tableOf(context, page));
  return tables;
}

function sortedTable({ target, table }: ReadTable, path: string): ReadTable {
  const find = compilePath(path);
  const rows = (table.rows ?? [])
    .map((row) => ({ row, key: find(row.object)[0] }))
    .toSorted((a, b) => compareNaturally(a.key, b.key))
    .map(({ row }) => row);
  return { target, table: { ...table, rows } };
}

/** Whether anything was written. */
function printTables(context: GetContext, tables: readonly ReadTable[]): boolean {
  const { io, query, table: options } = context;
  const severalKinds = new Set(tables.map(({ target }) => kindPrefixOf(target.resource))).size > 1;
  let wrote = false;
  let divide = false;
  const writer = new TabWriter((text) => {
    if (text === '') return;
    io.stdout.write(divide ? `\n${text}` : text);
    wrote = true;
    divide = false;
  });
  let last: ApiResource | undefined;
  let printer: TablePrinter | undefined;
  for (const { target, table } of tables) {
    const { resource } = target;
    if (resource !== last || printer === undefined) {
      writer.flush();
      writer.forgetWidths();
      if (last !== undefined && !options.noHeaders && wrote) divide = true;
      printer = new TablePrinter({
        ...options,
        withNamespace: (query.allNamespaces ?? false) && resource.namespaced,
        kindPrefix: options.showKind || severalKinds ? kindPrefixOf(resource) : undefined,
      });
      last = resource;
    }
    writer.write(printer.print(table));
  }
  writer.flush();
  return wrote;
}
