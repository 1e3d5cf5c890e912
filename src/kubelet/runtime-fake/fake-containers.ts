import type { Clock } from '../../base/clock.ts';
import type {
  Container,
  ContainerConfig,
  ContainerEvent,
  ContainerEventType,
  ContainerFilter,
  ContainerState,
  ContainerStatus,
  LinuxResources,
  PodSandboxConfig,
  StringMap,
} from '../cri/container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';
import type { BehaviourRule, FakeBehaviour } from './fake-behaviour.ts';

/** How a container ended. */
export interface FakeExit {
  readonly exitCode: number;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** A container of the fake runtime, as it stands. */
export interface FakeContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly config: ContainerConfig;
  readonly sandboxConfig: PodSandboxConfig;
  readonly imageRef: string;
  readonly createdAt: number;
  state: ContainerState;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  exit: FakeExit;
  resources: LinuxResources | undefined;
  logReopened: number;
}

const signalledExit = 137;

/** The containers of a fake runtime and what they do as time passes. */
export class FakeContainers {
  readonly all = new Map<string, FakeContainer>();
  readonly rules: BehaviourRule[] = [];
  readonly #clock: Clock;
  readonly #emit: (event: ContainerEvent) => void;
  readonly #timers = new Map<string, Disposable>();
  readonly #exits = new Map<string, PromiseWithResolvers<void>>();

  constructor(clock: Clock, emit: (event: ContainerEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  add(
    container: Omit<FakeContainer, 'createdAt' | 'state' | 'startedAt' | 'finishedAt' | 'exit' | 'logReopened'>,
  ): void {
    const created = { ...container, createdAt: this.#clock.now(), startedAt: undefined, finishedAt: undefined };
    this.all.set(container.id, { ...created, state: 'Created', exit: { exitCode: 0 }, logReopened: 0 });
    this.#announce(container.id, 'Created');
  }

  get(id: string, operation: string): FakeContainer {
    const found = this.all.get(id) ?? this.#byPrefix(id);
    if (found) return found;
    throw new RuntimeError('NotFound', `an error occurred when try to find container "${id}": not found`, {
      operation,
    });
  }

  start(container: FakeContainer): void {
    if (container.state !== 'Created') {
      const detail = `container is in CONTAINER_${container.state.toUpperCase()} state`;
      throw new RuntimeError('Unknown', detail, { operation: 'StartContainer' });
    }
    const behaviour = this.#behaviourOf(container.config);
    if (behaviour.startError !== undefined) {
      this.#finish(container, { exitCode: 128, reason: 'StartError', message: behaviour.startError });
      throw new RuntimeError('Unknown', behaviour.startError, { operation: 'StartContainer' });
    }
    container.state = 'Running';
    container.startedAt = this.#clock.now();
    this.#exits.set(container.id, Promise.withResolvers());
    this.#announce(container.id, 'Started');
    if (behaviour.exitAfterMs === undefined) return;
    const exit = { exitCode: behaviour.exitCode ?? 0, reason: behaviour.reason };
    this.#timers.set(
      container.id,
      this.#clock.after(behaviour.exitAfterMs, () => this.exit(container, exit)),
    );
  }

  /** Ends a running container now. */
  exit(container: FakeContainer, exit: FakeExit): void {
    if (container.state === 'Running') this.#finish(container, exit);
  }

  async stop(container: FakeContainer, timeoutSeconds: number, signal: AbortSignal | undefined): Promise<void> {
    if (container.state === 'Created') return this.#finish(container, { exitCode: signalledExit });
    if (container.state !== 'Running') return;
    const { onStop = {} } = this.#behaviourOf(container.config);
    const grace = timeoutSeconds * 1000;
    const answer = onStop === 'ignored' ? Infinity : (onStop.afterMs ?? 0);
    const exitCode = onStop === 'ignored' || answer > grace ? signalledExit : (onStop.exitCode ?? 0);
    const wait = Math.min(answer, grace);
    if (wait === 0) return this.exit(container, { exitCode });
    await this.#exitWithin(container, wait, signal);
    this.exit(container, { exitCode });
  }

  remove(container: FakeContainer): void {
    this.exit(container, { exitCode: signalledExit });
    this.all.delete(container.id);
    this.#emit({
      containerId: container.id,
      type: 'Deleted',
      createdAt: this.#clock.now(),
      sandbox: undefined,
      containers: [],
    });
  }

  list(filter: ContainerFilter): Container[] {
    return [...this.all.values()].filter((container) => matches(container, filter)).map(summaryOf);
  }

  async #exitWithin(container: FakeContainer, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const enough = new AbortController();
    const waited = this.#clock.sleep(ms, signal ? AbortSignal.any([signal, enough.signal]) : enough.signal);
    try {
      await Promise.race([this.#exits.get(container.id)?.promise, waited]);
    } finally {
      enough.abort();
      waited.catch(() => undefined);
    }
  }

  #finish(container: FakeContainer, exit: FakeExit): void {
    container.state = 'Exited';
    container.finishedAt = this.#clock.now();
    container.exit = { ...exit, reason: exit.reason ?? (exit.exitCode === 0 ? 'Completed' : 'Error') };
    this.#timers.get(container.id)?.[Symbol.dispose]();
    this.#timers.delete(container.id);
    this.#exits.get(container.id)?.resolve();
    this.#announce(container.id, 'Stopped');
  }

  #announce(id: string, type: ContainerEventType): void {
    const container = this.all.get(id);
    const containers = container ? [statusOf(container)] : [];
    this.#emit({ containerId: id, type, createdAt: this.#clock.now(), sandbox: undefined, containers });
  }

  #behaviourOf(config: ContainerConfig): FakeBehaviour {
    for (const rule of this.rules.toReversed()) {
      const behaviour = rule(config);
      if (behaviour) return behaviour;
    }
    return {};
  }

  #byPrefix(id: string): FakeContainer | undefined {
    const candidates = id === '' ? [] : [...this.all.values()].filter((container) => container.id.startsWith(id));
    return candidates.length === 1 ? candidates[0] : undefined;
  }
}

/** The status that the runtime reports of a container. */
export function statusOf(container: FakeContainer): ContainerStatus {
  const { config, exit } = container;
  return {
    id: container.id,
    metadata: config.metadata,
    state: container.state,
    createdAt: container.createdAt,
    startedAt: container.startedAt,
    finishedAt: container.finishedAt,
    exitCode: exit.exitCode,
    image: config.image,
    imageRef: container.imageRef,
    imageId: container.imageRef,
    reason: exit.reason ?? '',
    message: exit.message ?? '',
    labels: config.labels ?? {},
    annotations: config.annotations ?? {},
    mounts: config.mounts ?? [],
    logPath: config.logPath ? `${container.sandboxConfig.logDirectory ?? ''}/${config.logPath}` : '',
    resources: container.resources,
    user: { uid: config.linux?.securityContext?.runAsUser ?? 0, gid: 0, supplementalGroups: [] },
    stopSignal: config.stopSignal,
    info: {},
  };
}

function summaryOf(container: FakeContainer): Container {
  const { id, metadata, image, imageRef, imageId, state, createdAt, labels, annotations } = statusOf(container);
  const { podSandboxId } = container;
  return { id, podSandboxId, metadata, image, imageRef, imageId, state, createdAt, labels, annotations };
}

function matches(container: FakeContainer, filter: ContainerFilter): boolean {
  if (filter.id && !container.id.startsWith(filter.id)) return false;
  if (filter.podSandboxId && !container.podSandboxId.startsWith(filter.podSandboxId)) return false;
  if (filter.state && container.state !== filter.state) return false;
  return selects(filter.labelSelector, container.config.labels);
}

/** Whether `labels` carry all that `selector` asks for. */
export function selects(selector: StringMap | undefined, labels: StringMap | undefined): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}
