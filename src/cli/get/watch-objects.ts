import { CommandError } from '../command/command-error.ts';
import { StatusError } from '../../base/errors.ts';
import type { Status } from '../../base/errors.ts';
import { watchLines } from '../http/watch-lines.ts';

import { TablePrinter, acceptTable } from '../output/server-table.ts';
import { TabWriter } from '../output/tab-writer.ts';
import { asKubeObject, kindWithGroup, objectsOf } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import { listPages, resolveTargets } from '../resource/targets.ts';
import type { Target } from '../resource/targets.ts';
import { shownObject } from './get-context.ts';
import type { GetContext } from './get-context.ts';
import { kindPrefixOf, tableOf } from './get-tables.ts';

interface WatchContext extends GetContext {
  /** `--watch-only`: what is there already is not printed. */
  readonly only: boolean;
  /** `--output-watch-events` */
  readonly showEvents: boolean;
}

/** Prints what is there and then every change, until the server ends the watch or the command is interrupted. */
export async function watchObjects(context: WatchContext): Promise<void> {
  const { session, io } = context;
  const targets = await resolveTargets(session, io, context.query);
  const [target] = targets;
  if (!target || targets.length > 1) {
    const found = targets.length > 1 ? 'more than 1 resource was found' : 'no resources were found';
    throw new CommandError(`watch is only supported on individual resources and resource collections - ${found}`);
  }
  const show = changePrinter(context, target);
  const resourceVersion = await showPresent(context, target, show);
  await followChanges(context, target, { show, resourceVersion });
}

type ShowChange = (answer: unknown, type: string) => void;

/** Shows what is there, unless only changes are wanted; resolves to the version that the watch starts from. */
async function showPresent(context: WatchContext, target: Target, show: ShowChange): Promise<string> {
  const accept = isHuman(context) ? acceptTable : undefined;
  if (target.name !== undefined) {
    const { namespace, name } = target;
    const answer: unknown = await context.session.connection.json({
      path: apiPath(target.resource, { namespace, name }),
      accept,
    });
    if (!context.only) show(answer, 'ADDED');
    return versionOf(answer);
  }
  let resourceVersion = '';
  for await (const page of listPages(context.session, target, { ...context.query, limit: context.chunkSize, accept })) {
    if (!context.only) show(page, 'ADDED');
    resourceVersion = versionOf(page);
  }
  return resourceVersion;
}

async function followChanges(
  context: WatchContext,
  target: Target,
  { show, resourceVersion }: { readonly show: ShowChange; readonly resourceVersion: string },
): Promise<void> {
  const { session, io, query } = context;
  const named = target.name === undefined ? undefined : `metadata.name=${target.name}`;
  const body = await session.connection.stream({
    path: apiPath(target.resource, { namespace: target.namespace }),
    accept: isHuman(context) ? acceptTable : undefined,
    query: {
      watch: true,
      resourceVersion,
      labelSelector: query.labelSelector || undefined,
      fieldSelector: named ?? (query.fieldSelector || undefined),
    },
    signal: io.signal,
  });
  for await (const change of watchLines(body)) {
    if (change.type === 'ERROR') throw StatusError.fromStatus(change.object as Status);
    if (change.type !== 'BOOKMARK') show(change.object, change.type);
  }
}

function changePrinter(context: WatchContext, target: Target): ShowChange {
  const { io, query, printer, showEvents } = context;
  if (isHuman(context)) {
    const writer = new TabWriter((text) => io.stdout.write(text));
    const tables = new TablePrinter({
      ...context.table,
      withNamespace: (query.allNamespaces ?? false) && target.resource.namespaced,
      kindPrefix: context.table.showKind ? kindPrefixOf(target.resource) : undefined,
    });
    return (answer, type) => {
      writer.write(tables.print(tableOf(context, answer), showEvents ? type : undefined));
      writer.flush();
    };
  }
  const columns = printer?.kind === 'columns' ? new TabWriter((text) => io.stdout.write(text)) : undefined;
  let headed = context.table.noHeaders;
  return (answer, type) => {
    for (const whole of objectsOf(answer)) {
      const object = shownObject(asKubeObject(whole), context.showManagedFields);
      if (printer?.kind === 'columns') {
        if (!headed) columns?.write(`${printer.columns.header}\n`);
        headed = true;
        columns?.write(`${printer.columns.row(object)}\n`);
        columns?.flush();
      } else if (printer === undefined) io.stdout.write(`${kindWithGroup(object)}/${object.metadata.name}\n`);
      else io.stdout.write(printer.render(showEvents ? { type, object } : object));
    }
  };
}

function isHuman(context: GetContext): boolean {
  return context.format.name === '' || context.format.name === 'wide';
}

function versionOf(answer: unknown): string {
  const meta = (answer as { metadata?: { resourceVersion?: string } }).metadata;
  return meta?.resourceVersion ?? '';
}
