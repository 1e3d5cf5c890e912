import type { Event } from '../../api/core/event.ts';
import { boolFlag, intFlag, sliceFlag, textFlag } from '../command/flags.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { eventAge } from '../describe/event-lines.ts';
import { watchLines } from '../http/watch-lines.ts';
import { createObjectPrinter, parseOutputFormat } from '../output/object-printer.ts';
import { TabWriter } from '../output/tab-writer.ts';
import { knownResources, podResource } from '../resource/known-resources.ts';
import { asKind, asKubeObject, objectsOf, valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { parseResourceArguments } from '../resource/resource-arguments.ts';
import { apiPath } from '../resource/resource-path.ts';
import { listPages } from '../resource/targets.ts';
import { allNamespacesFlag, printFlags } from './shared-flags.ts';

const flags = {
  ...allNamespacesFlag,
  ...printFlags,
  'chunk-size': intFlag('Return large lists in chunks rather than all at once.', { initial: 500 }),
  for: textFlag('Filter events to only those pertaining to the specified resource.'),
  'no-headers': boolFlag("When using the default output format, don't print headers."),
  types: sliceFlag('Output only events of given types.'),
  watch: boolFlag('After listing the requested events, watch for more events.', { short: 'w' }),
} as const;

/** `kubectl events` */
export const events = defineVerb({
  usage:
    'events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  long: `Display events.

 Prints a table of the most important information about events. You can request events for a namespace, for all namespace, or filtered to only those pertaining to a specified resource.`,
  examples: `# List recent events in the default namespace
kubectl events

# List recent events for the specified pod, then wait for more events and list them as they arrive
kubectl events --for pod/web-pod-13je7 --watch

# List recent only events of type 'Warning' or 'Normal'
kubectl events --types=Warning,Normal`,
  flags,
  async run(invocation) {
    const { flags: given, session, io } = invocation;
    const namespace = given['all-namespaces'] ? '' : session.namespace.name;
    const fieldSelector = await fieldsFor(invocation);
    const resource = { ...podResource, ...knownResources.Event, kind: 'Event' };
    const found: KubeObject[] = [];
    let resourceVersion = '';
    for await (const page of listPages(session, { resource, namespace, name: undefined }, { fieldSelector })) {
      found.push(...objectsOf(page));
      resourceVersion = String(valueAt(page, 'metadata', 'resourceVersion') ?? '');
    }
    const shown = found.filter((object) => isWanted(asKind<Event>(object), given.types));
    if (given.output === 'name') {
      for (const { metadata } of shown) io.stdout.write(`event/${metadata.name}\n`);
      return;
    }
    const printer = await createObjectPrinter(parseOutputFormat(given.output, given.template), io.cwd);
    if (printer?.kind === 'text') {
      io.stdout.write(
        printer.render({ apiVersion: 'v1', items: shown, kind: 'List', metadata: { resourceVersion: '' } }),
      );
      return;
    }
    if (shown.length === 0 && !given.watch) {
      io.stderr.write(given['all-namespaces'] ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
      return;
    }
    const writer = new TabWriter((text) => io.stdout.write(text));
    if (!given['no-headers'])
      writer.write(`${given['all-namespaces'] ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`);
    const time = (event: Event): number =>
      Date.parse(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? '') || 0;
    const sorted = shown.map((object) => asKind<Event>(object)).toSorted((a, b) => time(a) - time(b));
    for (const event of sorted) writer.write(lineOf(event, invocation));
    writer.flush();
    if (given.watch) await follow(invocation, { namespace, fieldSelector, resourceVersion, writer });
  },
});

async function fieldsFor({ flags: given, session }: Invocation<typeof flags>): Promise<string> {
  if (given.for === '') return '';
  if (!given.for.includes('/')) throw new CommandError('--for must be in resource/name form');
  const [named] = parseResourceArguments([given.for], await session.mapper());
  const { resource, names = [] } = named ?? {};
  const apiVersion = resource?.group ? `${resource.group}/${resource.version}` : resource?.version;
  return `involvedObject.apiVersion=${apiVersion},involvedObject.kind=${resource?.kind},involvedObject.name=${names[0]}`;
}

function isWanted(event: Event, types: readonly string[]): boolean {
  return types.length === 0 || types.some((type) => type.toLowerCase() === (event.type ?? '').toLowerCase());
}

function lineOf(event: Event, { flags: given, io }: Pick<Invocation<typeof flags>, 'flags' | 'io'>): string {
  const { involvedObject, metadata } = event;
  const cells = [
    eventAge(event, io.clock.now()),
    event.type ?? '',
    event.reason ?? '',
    `${involvedObject.kind}/${involvedObject.name}`,
    (event.message ?? '').trim(),
  ];
  return `${[...(given['all-namespaces'] ? [metadata.namespace ?? ''] : []), ...cells].join('\t')}\n`;
}

async function follow(
  invocation: Invocation<typeof flags>,
  {
    namespace,
    fieldSelector,
    resourceVersion,
    writer,
  }: {
    readonly namespace: string;
    readonly fieldSelector: string;
    readonly resourceVersion: string;
    readonly writer: TabWriter;
  },
): Promise<void> {
  const { session, io, flags: given } = invocation;
  const body = await session.connection.stream({
    path: apiPath(knownResources.Event, { namespace }),
    query: { watch: true, fieldSelector: fieldSelector || undefined, resourceVersion },
    signal: io.signal,
  });
  for await (const { type, object } of watchLines(body)) {
    if (type === 'DELETED' || type === 'BOOKMARK' || type === 'ERROR') continue;
    const event = asKind<Event>(asKubeObject(object));
    if (!isWanted(event, given.types)) continue;
    writer.write(lineOf(event, invocation));
    writer.flush();
  }
}
