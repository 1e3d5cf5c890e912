import type { Clock } from '../../base/clock.ts';
import type {
  ContainerEvent,
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxState,
  PodSandboxStatus,
} from '../cri/container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';
import { selects } from './fake-containers.ts';

/** A sandbox of the fake runtime, as it stands. */
export interface FakeSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly runtimeHandler: string;
  readonly createdAt: number;
  readonly ip: string;
  state: PodSandboxState;
}

/** The sandboxes of a fake runtime. Pods get addresses out of 10.88.0.0/16, in order. */
export class FakeSandboxes {
  readonly all = new Map<string, FakeSandbox>();
  readonly #clock: Clock;
  readonly #emit: (event: ContainerEvent) => void;
  #addresses = 1;

  constructor(clock: Clock, emit: (event: ContainerEvent) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  run(id: string, config: PodSandboxConfig, runtimeHandler: string): FakeSandbox {
    this.#refuseDuplicate(config);
    const onNode = config.linux?.securityContext?.namespaceOptions?.network === 'NODE';
    const ip = onNode ? '' : this.#nextAddress();
    const sandbox: FakeSandbox = { id, config, runtimeHandler, createdAt: this.#clock.now(), ip, state: 'Ready' };
    this.all.set(id, sandbox);
    this.#announce(id, 'Created');
    this.#announce(id, 'Started');
    return sandbox;
  }

  require(id: string, operation: string): FakeSandbox {
    const sandbox = this.all.get(id);
    if (sandbox) return sandbox;
    throw new RuntimeError('NotFound', `an error occurred when try to find sandbox "${id}": not found`, { operation });
  }

  /** Makes a sandbox NotReady, as when its pause process died. */
  stop(id: string): void {
    const sandbox = this.all.get(id);
    if (sandbox?.state !== 'Ready') return;
    sandbox.state = 'NotReady';
    this.#announce(id, 'Stopped');
  }

  remove(id: string): void {
    this.stop(id);
    if (this.all.delete(id)) this.#announce(id, 'Deleted');
  }

  status(id: string): PodSandboxStatus {
    const sandbox = this.require(id, 'PodSandboxStatus');
    return {
      ...summaryOf(sandbox),
      network: { ip: sandbox.ip, additionalIPs: [] },
      namespaceOptions: sandbox.config.linux?.securityContext?.namespaceOptions,
      containers: [],
      timestamp: undefined,
      info: {},
    };
  }

  list(filter: PodSandboxFilter): PodSandbox[] {
    const chosen = [...this.all.values()].filter(
      (sandbox) =>
        (!filter.id || sandbox.id.startsWith(filter.id)) &&
        (!filter.state || sandbox.state === filter.state) &&
        selects(filter.labelSelector, sandbox.config.labels),
    );
    return chosen.map(summaryOf);
  }

  #refuseDuplicate(config: PodSandboxConfig): void {
    const name = keyOf(config);
    const taken = [...this.all.values()].find((sandbox) => keyOf(sandbox.config) === name);
    if (!taken) return;
    const detail = `failed to reserve sandbox name "${name}": name "${name}" is reserved for "${taken.id}"`;
    throw new RuntimeError('Unknown', detail, { operation: 'RunPodSandbox' });
  }

  #nextAddress(): string {
    const number = ++this.#addresses;
    return `10.88.${number >> 8}.${number & 255}`;
  }

  #announce(containerId: string, type: ContainerEvent['type']): void {
    const sandbox = this.all.has(containerId) ? this.status(containerId) : undefined;
    this.#emit({ containerId, type, createdAt: this.#clock.now(), sandbox, containers: [] });
  }
}

function summaryOf(sandbox: FakeSandbox): PodSandbox {
  const { id, config, state, createdAt, runtimeHandler } = sandbox;
  const { metadata, labels = {}, annotations = {} } = config;
  return { id, metadata, state, createdAt, labels, annotations, runtimeHandler };
}

function keyOf({ metadata }: PodSandboxConfig): string {
  return [metadata.name, metadata.namespace, metadata.uid, metadata.attempt].join('_');
}
