import { hasReason } from '../../base/errors.ts';
import { throwCollected } from '../command/command-error.ts';
import { compilePath } from '../output/jsonpath.ts';
import { compareNaturally } from '../output/natural-order.ts';
import { TabWriter } from '../output/tab-writer.ts';
import type { ApiConnection } from '../http/api-connection.ts';
import { asKubeObject, kindWithGroup, objectsOf } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { listPages, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { shownObject } from './get-context.ts';
import type { GetContext } from './get-context.ts';

/** Prints whole objects: `-o yaml`, `json`, `name`, `jsonpath`, templates and custom columns. */
export async function getObjects(context: GetContext): Promise<void> {
  const targets = await resolveTargets(context.session, context.io, context.query);
  const errors: unknown[] = [];
  const objects: KubeObject[] = [];
  for (const target of targets) {
    try {
      objects.push(...(await readTarget(context, target)));
    } catch (error) {
      if (!(context.ignoreNotFound && hasReason(error, 'NotFound'))) errors.push(error);
    }
  }
  const single = targets.length === 1 && targets[0]?.name !== undefined;
  const sorted = context.sortBy ? sortedBy(objects, context.sortBy) : objects;
  print(context, sorted, single);
  throwCollected(errors);
}

/** Reads the objects of one target. */
async function readTarget(context: GetContext, target: Target): Promise<readonly KubeObject[]> {
  const { session, query, chunkSize, subresource } = context;
  if (target.name !== undefined) return [await readObject(session.connection, target, subresource)];
  const objects: KubeObject[] = [];
  for await (const page of listPages(session, target, { ...query, limit: chunkSize })) objects.push(...objectsOf(page));
  return objects;
}

async function readObject(connection: ApiConnection, target: Target, subresource: string): Promise<KubeObject> {
  const { namespace, name } = target;
  return asKubeObject(await connection.json({ path: apiPath(target.resource, { namespace, name, subresource }) }));
}

/** Orders objects by the value at a path. */
export function sortedBy<T>(objects: readonly T[], path: string): readonly T[] {
  const find = compilePath(path);
  return objects
    .map((object) => ({ object, key: find(object)[0] }))
    .toSorted((a, b) => compareNaturally(a.key, b.key))
    .map(({ object }) => object);
}

function print(context: GetContext, objects: readonly KubeObject[], single: boolean): void {
  const { io, format, printer, table } = context;
  const shown = objects.map((object) => shownObject(object, context.showManagedFields));
  if (format.name === 'name') {
    for (const object of shown) io.stdout.write(`${kindWithGroup(object)}/${object.metadata.name}\n`);
    return;
  }
  if (printer?.kind === 'columns') {
    const writer = new TabWriter((text) => io.stdout.write(text));
    if (!table.noHeaders) writer.write(`${printer.columns.header}\n`);
    for (const object of shown) writer.write(`${printer.columns.row(object)}\n`);
    writer.flush();
    return;
  }
  const [first] = shown;
  if (single && first === undefined) return;
  const value =
    single && first ? first : { apiVersion: 'v1', items: shown, kind: 'List', metadata: { resourceVersion: '' } };
  io.stdout.write(printer?.render(value) ?? '');
}
