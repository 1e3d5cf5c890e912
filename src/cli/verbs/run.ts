import type { Pod } from '../../api/core/pod.ts';
import { hasReason } from '../../base/errors.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { deleteObject, deletionLine } from '../change/delete-object.ts';
import { dryRunOf, writeQuery } from '../change/dry-run.ts';
import { overridden } from '../change/overrides.ts';
import { withLastApplied } from '../change/last-applied.ts';
import { CommandError, usageError } from '../command/command-error.ts';
import { arrayFlag, boolFlag, durationFlag, intFlag, textFlag } from '../command/flags.ts';
import { defineVerb } from '../command/verb.ts';
import type { Invocation } from '../command/verb.ts';
import { attachToPod } from '../pods/attach-pod.ts';
import { copyLog } from '../pods/pod-logs.ts';
import { waitForPod } from '../pods/wait-for-pod.ts';
import { asKind, asKubeObject } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { knownResources, podResource } from '../resource/known-resources.ts';
import { apiPath } from '../resource/resource-path.ts';
import { dryRunFlags, envFlag, fieldManagerFlag, overrideFlags, printFlags, saveConfigFlag } from './shared-flags.ts';

const flags = {
  ...printFlags,
  ...dryRunFlags,
  ...saveConfigFlag,
  ...fieldManagerFlag('kubectl-run'),
  ...overrideFlags,
  ...envFlag,
  cascade: textFlag('Must be "background", "orphan", or "foreground".', { initial: 'background', bare: 'background' }),
  timeout: durationFlag('The length of time to wait before giving up on a delete'),
  wait: boolFlag('If true, wait for resources to be gone before returning. This waits for finalizers.'),
  annotations: arrayFlag('Annotations to apply to the pod.'),
  attach: boolFlag(
    "If true, wait for the Pod to start running, and then attach to the Pod as if 'kubectl attach ...' were called.  Default false, unless '-i/--stdin' is set, in which case the default is true. With '--restart=Never' the exit code of the container process is returned.",
  ),
  command: boolFlag(
    "If true and extra arguments are present, use them as the 'command' field in the container, rather than the 'args' field which is the default.",
  ),
  expose: boolFlag('If true, create a ClusterIP service associated with the pod.  Requires `--port`.'),
  force: boolFlag('If true, immediately remove resources from API and bypass graceful deletion.'),
  'grace-period': intFlag('Period of time in seconds given to the resource to terminate gracefully.', { initial: -1 }),
  image: textFlag('The image for the container to run.'),
  'image-pull-policy': textFlag(
    'The image pull policy for the container.  If left empty, this value will not be specified by the client and defaulted by the server.',
  ),
  labels: textFlag('Comma separated labels to apply to the pod. Will override previous values.', { short: 'l' }),
  'leave-stdin-open': boolFlag(
    'If the pod is started in interactive mode or with stdin, leave stdin open after the first attach completes. By default, stdin will be closed after the first attach completes.',
  ),
  'pod-running-timeout': durationFlag(
    'The length of time (like 5s, 2m, or 3h, higher than zero) to wait until at least one pod is running',
    { initial: 60_000, shown: '1m0s' },
  ),
  port: textFlag('The port that this container exposes.'),
  privileged: boolFlag('If true, run the container in privileged mode.'),
  quiet: boolFlag('If true, suppress prompt messages.', { short: 'q' }),
  restart: textFlag('The restart policy for this Pod.  Legal values [Always, OnFailure, Never].', {
    initial: 'Always',
  }),
  rm: boolFlag(
    "If true, delete the pod after it exits.  Only valid when attaching to the container, e.g. with '--attach' or with '-i/--stdin'.",
  ),
  stdin: boolFlag('Keep stdin open on the container in the pod, even if nothing is attached.', { short: 'i' }),
  tty: boolFlag('Allocate a TTY for the container in the pod.', { short: 't' }),
} as const;

type RunInvocation = Invocation<typeof flags>;

/** `kubectl run` */
export const run = defineVerb({
  usage:
    'run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...]',
  long: 'Create and run a particular image in a pod.',
  examples: `# Start a nginx pod
kubectl run nginx --image=nginx

# Start a hazelcast pod and let the container expose port 5701
kubectl run hazelcast --image=hazelcast/hazelcast --port=5701

# Start a busybox pod and keep it in the foreground, don't restart it if it exits
kubectl run -i -t busybox --image=busybox --restart=Never

# Start the nginx pod using the default command, but use custom arguments (arg1 .. argN) for that command
kubectl run nginx --image=nginx -- <arg1> <arg2> ... <argN>

# Start the nginx pod using a different command and custom arguments
kubectl run nginx --image=nginx --command -- <cmd> <arg1> ... <argN>`,
  flags,
  async run(invocation) {
    const { flags: given, changed, io, command } = invocation;
    const name = checkArguments(invocation);
    const dryRun = dryRunOf(given['dry-run']);
    const attached = changed('attach') ? given.attach : given.attach || given.stdin;
    if (given.rm && !attached) throw usageError(command, '--rm should only be used for attached containers');
    if (attached && dryRun !== 'none')
      throw usageError(
        command,
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
      );
    const draft = podFor(invocation, name);
    const body = given['save-config'] ? withLastApplied(draft, { typed: true }) : draft;
    const print = await createChangePrinter(io, given, { dryRun, sorted: false });
    const pod = dryRun === 'client' ? body : await create(invocation, 'Pod', body);
    if (given.expose) {
      const service = serviceFor(invocation, name);
      const made = dryRun === 'client' ? service : await create(invocation, 'Service', service);
      print(made, 'created');
    }
    if (!attached) {
      print(pod, 'created');
      return;
    }
    try {
      return await attachAndWait(invocation, asKind<Pod>(pod));
    } finally {
      if (given.rm) await remove(invocation, pod);
    }
  },
});

function checkArguments({ args, dash, flags: given, command }: RunInvocation): string {
  const names = dash === undefined ? args : args.slice(0, dash);
  const [name] = args;
  if (given.image === '') throw new CommandError('required flag(s) "image" not set');
  if (name === undefined || names.length === 0) throw usageError(command, 'NAME is required for run');
  if (given.tty && !given.stdin) throw usageError(command, '-i/--stdin is required for containers with -t/--tty=true');
  if (given.expose && given.port === '') throw new CommandError('--port must be set when exposing a service');
  if (!['Always', 'OnFailure', 'Never', ''].includes(given.restart)) {
    throw new CommandError(`invalid restart policy: ${given.restart}\nSee 'kubectl run -h' for help and examples`);
  }
  return name;
}

function podFor({ args, flags: given, session }: RunInvocation, name: string): KubeObject {
  const words = args.slice(1);
  const labels = given.labels ? keyValues(given.labels.split(','), 'label') : { run: name };
  const annotations = keyValues(given.annotations, 'annotation');
  const env = given.env.map((text) => {
    const equals = text.indexOf('=');
    if (equals <= 0) throw new CommandError(`invalid env: ${text}`);
    return { name: text.slice(0, equals), value: text.slice(equals + 1) };
  });
  const container = {
    name,
    image: given.image,
    ...(words.length > 0 ? { [given.command ? 'command' : 'args']: words } : {}),
    ...(given.port ? { ports: [{ containerPort: Number(given.port) }] } : {}),
    ...(env.length > 0 ? { env } : {}),
    resources: {},
    ...(given['image-pull-policy'] ? { imagePullPolicy: given['image-pull-policy'] } : {}),
    ...(given.privileged ? { securityContext: { privileged: true } } : {}),
    ...(given.stdin ? { stdin: true } : {}),
    ...(given.stdin && !given['leave-stdin-open'] ? { stdinOnce: true } : {}),
    ...(given.tty ? { tty: true } : {}),
  };
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(session.namespace.explicit ? { namespace: session.namespace.name } : {}),
      labels,
      ...(given.annotations.length > 0 ? { annotations } : {}),
    },
    spec: { containers: [container], restartPolicy: given.restart || 'Always', dnsPolicy: 'ClusterFirst' },
    status: {},
  };
  return asKubeObject(given.overrides ? overridden(pod, given.overrides) : pod);
}

function keyValues(entries: readonly string[], kind: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entries.map((text) => {
      const equals = text.indexOf('=');
      if (equals <= 0) throw new CommandError(`unexpected ${kind} spec: ${text}`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}

function serviceFor({ flags: given, session }: RunInvocation, name: string): KubeObject {
  const port = Number(given.port);
  return asKubeObject({
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name,
      ...(session.namespace.explicit ? { namespace: session.namespace.name } : {}),
    },
    spec: {
      ports: [{ protocol: 'TCP', port, targetPort: port }],
      selector: given.labels ? keyValues(given.labels.split(','), 'label') : { run: name },
    },
    status: { loadBalancer: {} },
  });
}

async function create(
  { flags: given, session }: RunInvocation,
  kind: 'Pod' | 'Service',
  body: KubeObject,
): Promise<KubeObject> {
  const path = apiPath(knownResources[kind], { namespace: session.namespace.name });
  const query = writeQuery({ dryRun: dryRunOf(given['dry-run']), fieldManager: given['field-manager'] });
  return asKubeObject(await session.connection.json({ method: 'POST', path, query, body }));
}

const ended = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

function isRunningAndReady({ status }: Pod): boolean {
  return (
    status?.phase === 'Running' && (status.containerStatuses ?? []).some(({ state }) => state?.running !== undefined)
  );
}

async function attachAndWait(invocation: RunInvocation, created: Pod): Promise<number> {
  const { flags: given, session, io } = invocation;
  const options = { timeout: given['pod-running-timeout'] };
  const pod = await waitForPod(session, io, {
    pod: created,
    ...options,
    until: (one) => ended(one) || isRunningAndReady(one),
  });
  const container = pod.spec.containers[0]?.name ?? '';
  if (ended(pod)) await showLog(invocation, pod, container);
  else {
    try {
      await attachToPod(session, io, {
        pod,
        options: { container, stdin: given.stdin, tty: given.tty, quiet: given.quiet },
      });
    } catch (error) {
      if (io.signal?.aborted) throw error;
      io.stderr.write(
        `warning: couldn't attach to pod/${pod.metadata.name}, falling back to streaming logs: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      await showLog(invocation, pod, container);
    }
  }
  if (given['leave-stdin-open'] || given.restart === 'Always') return 0;
  return exitCodeOf(await waitForPod(session, io, { pod, timeout: 0, until: ended }));
}

async function showLog({ session, io }: RunInvocation, pod: Pod, container: string): Promise<void> {
  const { namespace, name } = pod.metadata;
  const options = {
    follow: true,
    previous: false,
    timestamps: false,
    tail: -1,
    sinceSeconds: 0,
    sinceTime: '',
    limitBytes: 0,
    insecure: false,
  };
  await copyLog(session, io, { source: { namespace, pod: name, container }, options });
}

function exitCodeOf({ metadata, status }: Pod): number {
  if (status?.phase !== 'Failed') return 0;
  const terminated = status.containerStatuses?.[0]?.state?.terminated;
  const named = `pod ${metadata.namespace}/${metadata.name}`;
  if (!terminated?.exitCode) throw new CommandError(`${named} failed with unknown exit code`);
  throw new CommandError(`${named} terminated (${terminated.reason ?? ''})\n${terminated.message ?? ''}`.trimEnd(), {
    exitCode: terminated.exitCode,
    plain: true,
  });
}

async function remove({ flags: given, session, io }: RunInvocation, pod: KubeObject): Promise<void> {
  const target = { resource: podResource, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
  const gracePeriod = given.force ? 0 : given['grace-period'] < 0 ? undefined : given['grace-period'];
  try {
    await deleteObject(session, target, { propagation: 'Background', gracePeriod });
    io.stdout.write(deletionLine(target, 'deleted'));
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
