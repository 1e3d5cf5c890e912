import type {
  Container,
  ContainerRuntime,
  ContainerStatus,
  PodSandbox,
  PodSandboxStatus,
} from '../cri/container-runtime.ts';
import { hasRuntimeCode } from '../cri/runtime-error.ts';
import type { Machine } from '../node/machine.ts';
import {
  containerHashAnnotation,
  containerNameLabel,
  numberIn,
  podUidLabel,
  restartCountAnnotation,
} from './container-labels.ts';
import type { ObservedContainer, ObservedPod } from './observed-pod.ts';

/** The state of everything of one pod in one string, to see whether it changed. */
export interface PodFingerprint {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly fingerprint: string;
  readonly running: number;
}

/** What a process that is killed by SIGKILL exits with. */
const killedExit = 137;

/** Looks at pods in the runtime. Details that cannot change any more are asked for once. */
export class PodObserver {
  readonly #runtime: ContainerRuntime;
  readonly #machine: Pick<Machine, 'oomKilled'>;
  readonly #containers = new Map<string, ContainerStatus>();
  readonly #sandboxes = new Map<string, PodSandboxStatus>();

  constructor(runtime: ContainerRuntime, machine: Pick<Machine, 'oomKilled'>) {
    this.#runtime = runtime;
    this.#machine = machine;
  }

  /** One pod as it is now. */
  async observe(uid: string, signal?: AbortSignal): Promise<ObservedPod> {
    const labelSelector = { [podUidLabel]: uid };
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes({ labelSelector }, { signal }),
      this.#runtime.listContainers({ labelSelector }, { signal }),
    ]);
    const [sandboxDetails, containerDetails] = await Promise.all([
      Promise.all(sandboxes.map((sandbox) => this.#sandboxStatus(sandbox, signal))),
      Promise.all(containers.map((container) => this.#containerStatus(container, signal))),
    ]);
    return {
      uid,
      sandboxes: sandboxDetails
        .filter((sandbox) => sandbox !== undefined)
        .sort((a, b) => b.metadata.attempt - a.metadata.attempt || b.createdAt - a.createdAt),
      containers: containerDetails
        .filter((container) => container !== undefined)
        .sort((a, b) => b.createdAt - a.createdAt || b.restartCount - a.restartCount),
    };
  }

  /** All pods that the runtime knows, in short; forgets details of what is gone. */
  async survey(signal?: AbortSignal): Promise<readonly PodFingerprint[]> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes({}, { signal }),
      this.#runtime.listContainers({}, { signal }),
    ]);
    prune(this.#sandboxes, new Set(sandboxes.map(({ id }) => id)));
    prune(this.#containers, new Set(containers.map(({ id }) => id)));
    return fingerprints(sandboxes, containers);
  }

  async #sandboxStatus(sandbox: PodSandbox, signal: AbortSignal | undefined): Promise<PodSandboxStatus | undefined> {
    const known = this.#sandboxes.get(sandbox.id);
    if (known?.state === sandbox.state) return known;
    const status = await absentIfGone(this.#runtime.podSandboxStatus(sandbox.id, { signal }));
    if (status) this.#sandboxes.set(sandbox.id, status);
    return status;
  }

  async #containerStatus(
    container: Container,
    signal: AbortSignal | undefined,
  ): Promise<ObservedContainer | undefined> {
    const known = this.#containers.get(container.id);
    const settled = known?.state === container.state && container.state !== 'Created' && container.state !== 'Unknown';
    const status = settled ? known : await this.#askFor(container.id, signal);
    if (!status) return undefined;
    this.#containers.set(container.id, status);
    return {
      ...status,
      podSandboxId: container.podSandboxId,
      name: container.labels[containerNameLabel] ?? container.metadata.name,
      restartCount: numberIn(container.annotations, restartCountAnnotation, container.metadata.attempt),
      hash: container.annotations[containerHashAnnotation] ?? '',
    };
  }

  /** The runtime hears of a lack of memory apart from the exit: later, or never if the process died at once. */
  async #askFor(id: string, signal: AbortSignal | undefined): Promise<ContainerStatus | undefined> {
    const status = await absentIfGone(this.#runtime.containerStatus(id, { signal }));
    const unexplained = status?.state === 'Exited' && status.exitCode === killedExit && status.reason === 'Error';
    return unexplained && this.#machine.oomKilled(id) ? { ...status, reason: 'OOMKilled' } : status;
  }
}

function fingerprints(sandboxes: readonly PodSandbox[], containers: readonly Container[]): readonly PodFingerprint[] {
  const pods = new Map<string, { uid: string; name: string; namespace: string; parts: string[]; running: number }>();
  const of = (sandbox: PodSandbox): void => {
    const { uid, name, namespace } = sandbox.metadata;
    const entry = pods.get(uid) ?? { uid, name, namespace, parts: [], running: 0 };
    entry.parts.push(`${sandbox.id}:${sandbox.state}`);
    pods.set(uid, entry);
  };
  // A sandbox without the kubelet's labels belongs to another client of the runtime.
  for (const sandbox of sandboxes) if (sandbox.labels[podUidLabel] !== undefined) of(sandbox);
  for (const container of containers) {
    const uid = container.labels[podUidLabel];
    const entry = uid === undefined ? undefined : pods.get(uid);
    entry?.parts.push(`${container.id}:${container.state}`);
    if (entry && container.state === 'Running') entry.running++;
  }
  return [...pods.values()].map(({ parts, ...rest }) => ({ ...rest, fingerprint: parts.sort().join(',') }));
}

async function absentIfGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (hasRuntimeCode(error, 'NotFound')) return undefined;
    throw error;
  }
}

function prune(map: Map<string, unknown>, alive: ReadonlySet<string>): void {
  for (const id of map.keys()) if (!alive.has(id)) map.delete(id);
}
