import type { Namespace } from '../api/core/namespace.ts';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { NodeInfo } from './node-info.ts';
import { podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Snapshot } from './plugin.ts';

/** Nodes with their pods, kept up to date by events; pods just placed count before the API server has confirmed them. */
export class ClusterState implements Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Pods whose node has not been seen yet. */
  readonly #orphans = new Map<string, PodInfo>();
  readonly #placed = new Map<string, string>();
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  #list: readonly NodeInfo[] | undefined;

  get nodes(): readonly NodeInfo[] {
    this.#list ??= [...this.#nodes.values()];
    return this.#list;
  }

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.#namespaces.get(name) ?? {};
  }

  /** Takes a new or changed namespace. */
  setNamespace(namespace: Namespace): void {
    this.#namespaces.set(namespace.metadata.name, namespace.metadata.labels ?? {});
  }

  /** Forgets a namespace. */
  removeNamespace(name: string): void {
    this.#namespaces.delete(name);
  }

  /** Takes a new or changed node. */
  setNode(node: Node): void {
    const known = this.#nodes.get(node.metadata.name);
    if (known) return known.update(node);
    const info = new NodeInfo(node);
    this.#nodes.set(info.name, info);
    this.#list = undefined;
    for (const [uid, pod] of this.#orphans) {
      if (this.#placed.get(uid) !== info.name) continue;
      info.add(pod);
      this.#orphans.delete(uid);
    }
  }

  /** Forgets a node; its pods wait for one of the same name. */
  removeNode(name: string): void {
    for (const [uid, pod] of this.#nodes.get(name)?.pods ?? []) this.#orphans.set(uid, pod);
    this.#nodes.delete(name);
    this.#list = undefined;
  }

  /** Places a pod on a node, or takes its new version. */
  place(pod: Pod, nodeName: string): void {
    const { uid } = pod.metadata;
    const info = podInfoOf(pod);
    const before = this.#placed.get(uid);
    if (before !== undefined && before !== nodeName) this.unplace(uid);
    this.#placed.set(uid, nodeName);
    const node = this.#nodes.get(nodeName);
    if (node) node.add(info);
    else this.#orphans.set(uid, info);
  }

  /** Whether the pod is placed. */
  isPlaced(uid: string): boolean {
    return this.#placed.has(uid);
  }

  /** Takes a pod off its node. */
  unplace(uid: string): void {
    const nodeName = this.#placed.get(uid);
    if (nodeName === undefined) return;
    this.#nodes.get(nodeName)?.remove(uid);
    this.#orphans.delete(uid);
    this.#placed.delete(uid);
  }
}
