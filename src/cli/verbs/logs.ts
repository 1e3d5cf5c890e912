import type { Pod } from '../../api/core/pod.ts';
import { hasReason } from '../../base/errors.ts';
import { boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected, usageError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { chooseContainer, containerNames } from '../pods/choose-container.ts';
import { podsOf, readNamedObject } from '../pods/find-pods.ts';
import { copyLog } from '../pods/pod-logs.ts';
import type { LogOptions, LogSource } from '../pods/pod-logs.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { selectorFlag } from './shared-flags.ts';

const flags = {
  ...selectorFlag,
  'all-containers': boolFlag("Get all containers' logs in the pod(s)."),
  'all-pods': boolFlag('Get logs from all pod(s). Sets prefix to true.'),
  container: textFlag('Print the logs of this container', { short: 'c' }),
  follow: boolFlag('Specify if the logs should be streamed.', { short: 'f' }),
  'ignore-errors': boolFlag('If watching / following pod logs, allow for any errors that occur to be non-fatal'),
  'insecure-skip-tls-verify-backend': boolFlag(
    'Skip verifying the identity of the kubelet that logs are requested from.  In theory, an attacker could provide invalid log content back. You might want to use this if your kubelet serving certificates have expired.',
  ),
  'limit-bytes': intFlag('Maximum bytes of logs to return. Defaults to no limit.'),
  'max-log-requests': intFlag(
    'Specify maximum number of concurrent logs to follow when using by a selector. Defaults to 5.',
    { initial: 5 },
  ),
  'pod-running-timeout': durationFlag(
    'The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running',
    { initial: 20_000, shown: '20s' },
  ),
  prefix: boolFlag('Prefix each log line with the log source (pod name and container name)'),
  previous: boolFlag('If true, print the logs for the previous instance of the container in a pod if it exists.', {
    short: 'p',
  }),
  since: durationFlag(
    'Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.',
  ),
  'since-time': textFlag(
    'Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.',
  ),
  tail: intFlag(
    'Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines otherwise 10, if a selector is provided.',
    { initial: -1 },
  ),
  timestamps: boolFlag('Include timestamps on each line in the log output'),
} as const;

const expected =
  "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";

/** `kubectl logs` */
export const logs = defineVerb({
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]',
  long: 'Print the logs for a container in a pod or specified resource. If the pod has only one container, the container name is optional.',
  examples: `# Return snapshot logs from pod nginx with only one container
kubectl logs nginx

# Return snapshot logs from all containers in pods defined by label app=nginx
kubectl logs -l app=nginx --all-containers=true

# Begin streaming the logs of the ruby container in pod web-1
kubectl logs -f -c ruby web-1

# Display only the most recent 20 lines of output in pod nginx
kubectl logs --tail=20 nginx

# Show all logs from pod nginx written in the last hour
kubectl logs --since=1h nginx

# Return snapshot logs from container nginx-1 of a deployment named nginx
kubectl logs deployment/nginx -c nginx-1`,
  flags,
  async run(invocation) {
    const { flags: given, io } = invocation;
    const words = checkArguments(invocation);
    const options = optionsOf(invocation);
    const sources = await sourcesOf(invocation, words.names, words.container);
    const prefix = given.prefix || given['all-pods'];
    if (!given.follow || sources.length === 1) {
      const errors: unknown[] = [];
      for (const source of sources) {
        try {
          await copyLog(invocation.session, io, { source, options, prefix: prefixOf(source, prefix) });
        } catch (error) {
          if (!given['ignore-errors']) throw error;
          errors.push(error);
        }
      }
      throwCollected(errors);
      return;
    }
    if (sources.length > given['max-log-requests']) {
      throw new CommandError(
        `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${given['max-log-requests']}, use --max-log-requests to increase the limit`,
      );
    }
    const copies = sources.map((source) =>
      copyLog(invocation.session, io, { source, options, prefix: prefixOf(source, prefix) }),
    );
    await (given['ignore-errors'] ? Promise.allSettled(copies) : Promise.all(copies));
  },
});

function checkArguments({ args, flags: given, command }: Invocation<typeof flags>): {
  readonly names: readonly string[];
  readonly container: string;
} {
  const selected = given.selector !== '';
  if (args.length === 0 && !selected) throw usageError(command, expected);
  if (args.length > 2) throw usageError(command, expected);
  if (selected && args.length > 0) throw usageError(command, 'only a selector (-l) or a POD name is allowed');
  if (given.since > 0 && given['since-time'] !== '')
    throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const [name = '', second] = args;
  if (second !== undefined && given.container !== '')
    throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed');
  const container = second ?? given.container;
  if (given['all-containers'] && container !== '')
    throw new CommandError('--all-containers=true should not be specified with container name');
  if (given.tail < -1) throw new CommandError('--tail must be greater than or equal to -1');
  return { names: name === '' ? [] : [name], container };
}

function optionsOf({ flags: given, changed }: Invocation<typeof flags>): LogOptions {
  // A selector may find much: ten lines of each, unless more are asked for.
  const tail = given.selector !== '' && !changed('tail') ? 10 : given.tail;
  return {
    follow: given.follow,
    previous: given.previous,
    timestamps: given.timestamps,
    tail,
    sinceSeconds: given.since > 0 ? Math.ceil(given.since / 1000) : 0,
    sinceTime: given['since-time'],
    limitBytes: given['limit-bytes'],
    insecure: given['insecure-skip-tls-verify-backend'],
  };
}

async function sourcesOf(
  invocation: Invocation<typeof flags>,
  names: readonly string[],
  container: string,
): Promise<readonly LogSource[]> {
  const { flags: given, io } = invocation;
  const pods = await chosenPods(invocation, names);
  return pods.flatMap((pod): readonly LogSource[] => {
    const { namespace, name } = pod.metadata;
    const initFirst = [
      ...(pod.spec.initContainers ?? []),
      ...pod.spec.containers,
      ...(pod.spec.ephemeralContainers ?? []),
    ];
    if (given['all-containers']) return initFirst.map((one) => ({ namespace, pod: name, container: one.name }));
    if (container !== '' && !containerNames(pod).includes(container)) {
      throw new CommandError(`container ${container} is not valid for pod ${name}`);
    }
    const chosen = chooseContainer(pod, container);
    if (chosen.notice) io.stderr.write(`${chosen.notice}\n`);
    return [{ namespace, pod: name, container: chosen.name }];
  });
}

async function chosenPods(
  { flags: given, session, io }: Invocation<typeof flags>,
  names: readonly string[],
): Promise<readonly Pod[]> {
  if (given.selector !== '') {
    const read = createClusterReader(session.connection);
    const found = await read.list(knownResources.Pod, {
      namespace: session.namespace.name,
      labelSelector: given.selector,
    });
    if (!found?.length) io.stderr.write(`No resources found in ${session.namespace.name} namespace.\n`);
    return (found ?? []).map((pod) => asKind<Pod>(pod));
  }
  const object = await readForLogs();
  const pods = await podsOf(session, object);
  const [first] = pods;
  if (!first) throw new CommandError(`timed out waiting for the condition`);
  if (given['all-pods']) return pods;
  if (pods.length > 1) io.stderr.write(`Found ${pods.length} pods, using pod/${first.metadata.name}\n`);
  return [first];

  async function readForLogs(): Promise<KubeObject> {
    try {
      return await readNamedObject(session, io, names);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      throw new CommandError(
        `error from server (NotFound): ${error.message} in namespace "${session.namespace.name}"`,
        { cause: error },
      );
    }
  }
}

function prefixOf({ pod, container }: LogSource, shown: boolean): string {
  return shown ? `[pod/${pod}/${container}] ` : '';
}
