import type { Node } from '../api/core/node.ts';
import { inNumbers } from '../api/core/pod-resources.ts';
import type { Amounts, HostPort, PodInfo } from './pod-info.ts';

/** A node with the sums over its pods, kept up to date as pods come and go. */
export class NodeInfo {
  #node: Node;
  #allocatable: Amounts;
  readonly #pods = new Map<string, PodInfo>();
  readonly #particular = new Map<string, PodInfo>();
  readonly #withPorts = new Map<string, PodInfo>();
  readonly #requested: Record<string, number> = {};
  readonly #scored: Record<string, number> = {};

  constructor(node: Node) {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
  }

  get name(): string {
    return this.#node.metadata.name;
  }

  get node(): Node {
    return this.#node;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#node.metadata.labels ?? {};
  }

  /** What pods may use in all. `pods` is their number. */
  get allocatable(): Amounts {
    return this.#allocatable;
  }

  /** What its pods request in all. */
  get requested(): Amounts {
    return this.#requested;
  }

  /** Like `requested`, with the scoring minimum for pods that ask for nothing. */
  get scoringRequested(): Amounts {
    return this.#scored;
  }

  get pods(): ReadonlyMap<string, PodInfo> {
    return this.#pods;
  }

  /** Those of its pods that have any affinity or anti-affinity, and so matter to others' choice. */
  get particularPods(): Iterable<PodInfo> {
    return this.#particular.values();
  }

  /** Takes a new version of the node. */
  update(node: Node): void {
    this.#node = node;
    this.#allocatable = allocatableOf(node);
  }

  /** Adds a pod, or takes its new version. */
  add(info: PodInfo): void {
    this.remove(info.pod.metadata.uid);
    this.refresh(info);
    count(this.#requested, info.requests, 1);
    count(this.#scored, info.scoringRequests, 1);
  }

  /** Takes a new version of a pod that asks for the same. */
  refresh(info: PodInfo): void {
    const { uid } = info.pod.metadata;
    const { required, requiredAnti, preferred } = info.affinities;
    this.#pods.set(uid, info);
    if (required.length + requiredAnti.length + preferred.length > 0) this.#particular.set(uid, info);
    if (info.hostPorts.length > 0) this.#withPorts.set(uid, info);
  }

  /** Removes a pod if it is here. */
  remove(uid: string): void {
    const info = this.#pods.get(uid);
    if (!info) return;
    this.#pods.delete(uid);
    this.#particular.delete(uid);
    this.#withPorts.delete(uid);
    count(this.#requested, info.requests, -1);
    count(this.#scored, info.scoringRequests, -1);
  }

  /** Whether one of its pods takes a port that `wanted` needs. */
  conflictsWith(wanted: readonly HostPort[]): boolean {
    if (wanted.length === 0) return false;
    const taken = [...this.#withPorts.values()].flatMap(({ hostPorts }) => hostPorts);
    return wanted.some((a) => taken.some((b) => isSamePort(a, b)));
  }
}

function isSamePort(a: HostPort, b: HostPort): boolean {
  const overlaps = a.hostIP === b.hostIP || a.hostIP === '0.0.0.0' || b.hostIP === '0.0.0.0';
  return a.hostPort === b.hostPort && a.protocol === b.protocol && overlaps;
}

function count(sums: Record<string, number>, amounts: Amounts, sign: 1 | -1): void {
  for (const [name, amount] of Object.entries(amounts)) sums[name] = (sums[name] ?? 0) + sign * amount;
}

function allocatableOf(node: Node): Amounts {
  const stated = node.status.allocatable ?? node.status.capacity ?? {};
  return Object.fromEntries(Object.entries(stated).map(([name, quantity]) => [name, inNumbers.of(name, quantity)]));
}
