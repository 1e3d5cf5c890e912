import type { Pod } from '../../api/core/pod.ts';
import { equalitySelector, formatLabelSelector } from '../../machinery/selector.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind, asKubeObject, valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { parseResourceArguments } from '../resource/resource-arguments.ts';
import { apiPath } from '../resource/resource-path.ts';
import { requireObjects } from '../resource/targets.ts';
import type { Session } from '../session.ts';
import { pollUntil } from '../wait/poll-until.ts';

/** Reads what `POD`, `TYPE/NAME` or `TYPE NAME` names. A bare name is a pod and costs no discovery. */
export async function readNamedObject(session: Session, io: CliIo, args: readonly string[]): Promise<KubeObject> {
  const [first = ''] = args;
  if (args.length === 1 && !first.includes('/')) {
    const path = apiPath(knownResources.Pod, { namespace: session.namespace.name, name: first });
    return asKubeObject(await session.connection.json({ path }));
  }
  const parsed = parseResourceArguments(args, await session.mapper());
  if (parsed.some(({ names }) => names === undefined))
    throw new CommandError('resource(s) were provided, but no name was specified');
  const [found] = await requireObjects(session, io, { args });
  if (!found) throw new CommandError('no resources found');
  return found.object;
}

/** The label selector of the pods that an object stands for; undefined when it stands for none. */
export function podSelectorOf(object: KubeObject): string | undefined {
  const selector = valueAt(object, 'spec', 'selector');
  if (typeof selector !== 'object' || selector === null) return undefined;
  if (object.kind === 'Service' || object.kind === 'ReplicationController') {
    return equalitySelector(selector as Readonly<Record<string, string>>);
  }
  return formatLabelSelector(selector);
}

/** The pods that an object stands for, the best to talk to first. */
export async function podsOf(session: Session, object: KubeObject): Promise<readonly Pod[]> {
  if (object.kind === 'Pod') return [asKind<Pod>(object)];
  const labelSelector = podSelectorOf(object);
  if (labelSelector === undefined) {
    throw new CommandError(`cannot attach to *v1.${object.kind}: selector for ${object.kind} not implemented`);
  }
  const read = createClusterReader(session.connection);
  const found = await read.list(knownResources.Pod, { namespace: object.metadata.namespace ?? '', labelSelector });
  return (found ?? []).map((pod) => asKind<Pod>(pod)).toSorted((a, b) => rank(b) - rank(a));
}

/** The one pod to talk to; waits up to `timeout` milliseconds for there to be one. */
export async function attachablePod(
  session: Session,
  io: CliIo,
  { object, timeout }: { readonly object: KubeObject; readonly timeout: number },
): Promise<Pod> {
  let [pod] = await podsOf(session, object);
  if (!pod) {
    await pollUntil(io, { timeout, interval: 500 }, async () => {
      [pod] = await podsOf(session, object);
      return pod !== undefined;
    });
  }
  if (!pod) throw new CommandError('timed out waiting for the condition');
  return pod;
}

function rank({ spec, status, metadata }: Pod): number {
  const ready =
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
  const phase = status?.phase === 'Running' ? 4 : status?.phase === 'Pending' ? 2 : 0;
  return (metadata.deletionTimestamp ? 0 : 16) + (spec.nodeName ? 8 : 0) + phase + (ready ? 1 : 0);
}
