import type { Namespace } from '../api/core/namespace.ts';
import type { Node } from '../api/core/node.ts';
import type { Pod } from '../api/core/pod.ts';
import { GroupCounts } from './group-counts.ts';
import { NodeInfo } from './node-info.ts';
import type { PodGroup } from './pod-affinity.ts';
import { podInfoOf } from './pod-info.ts';
import type { PodInfo } from './pod-info.ts';
import type { Snapshot } from './plugin.ts';

/** Nodes with their pods, kept up to date by events; pods just placed count before the API server has confirmed them. */
export class ClusterState implements Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  /** Every placed pod by uid, also on nodes that have not been seen yet. */
  readonly #placed = new Map<string, { readonly nodeName: string; readonly info: PodInfo }>();
  readonly #namespaces = new Map<string, Readonly<Record<string, string>>>();
  readonly #counts = new GroupCounts((name) => this.namespaceLabels(name));
  #list: readonly NodeInfo[] | undefined;

  get nodes(): readonly NodeInfo[] {
    this.#list ??= [...this.#nodes.values()];
    return this.#list;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  namespaceLabels(name: string): Readonly<Record<string, string>> {
    return this.#namespaces.get(name) ?? {};
  }

  countsOf(group: PodGroup): ReadonlyMap<string, number> {
    return this.#counts.of(group, () => this.#pods());
  }

  /** Takes a new or changed namespace. */
  setNamespace(namespace: Namespace): void {
    this.#namespaces.set(namespace.metadata.name, namespace.metadata.labels ?? {});
    this.#counts.namespacesChanged();
  }

  /** Forgets a namespace. */
  removeNamespace(name: string): void {
    this.#namespaces.delete(name);
    this.#counts.namespacesChanged();
  }

  /** Takes a new or changed node. */
  setNode(node: Node): void {
    const known = this.#nodes.get(node.metadata.name);
    if (known) return known.update(node);
    const info = new NodeInfo(node);
    this.#nodes.set(info.name, info);
    this.#list = undefined;
    for (const placed of this.#placed.values()) if (placed.nodeName === info.name) info.add(placed.info);
  }

  /** Forgets a node; its pods wait for one of the same name. */
  removeNode(name: string): void {
    this.#nodes.delete(name);
    this.#list = undefined;
  }

  /** Places a pod on a node, or takes its new version. Returns whether that matters to other pods. */
  place(pod: Pod, nodeName: string): boolean {
    const { uid } = pod.metadata;
    const known = this.#placed.get(uid);
    if (known?.nodeName === nodeName && isSameForOthers(known.info.pod, pod)) {
      const info = { ...known.info, pod };
      this.#placed.set(uid, { nodeName, info });
      this.#nodes.get(nodeName)?.refresh(info);
      return false;
    }
    this.restore(podInfoOf(pod), nodeName);
    return true;
  }

  /** Places a pod that is digested already. */
  restore(info: PodInfo, nodeName: string): void {
    this.unplace(info.pod.metadata.uid);
    this.#placed.set(info.pod.metadata.uid, { nodeName, info });
    this.#nodes.get(nodeName)?.add(info);
    this.#counts.change(info.pod, nodeName, 1);
  }

  /** Whether the pod is placed. */
  isPlaced(uid: string): boolean {
    return this.#placed.has(uid);
  }

  /** Takes a pod off its node; `restore` puts it back. */
  unplace(uid: string): void {
    const known = this.#placed.get(uid);
    if (!known) return;
    this.#placed.delete(uid);
    this.#nodes.get(known.nodeName)?.remove(uid);
    this.#counts.change(known.info.pod, known.nodeName, -1);
  }

  *#pods(): Generator<readonly [Pod, string]> {
    for (const { info, nodeName } of this.#placed.values()) yield [info.pod, nodeName];
  }
}

/** Whether two versions of a pod ask for the same and look the same to other pods' rules; their status may differ. */
function isSameForOthers(a: Pod, b: Pod): boolean {
  return (
    a.metadata.deletionTimestamp === b.metadata.deletionTimestamp &&
    isSame(a.metadata.labels, b.metadata.labels) &&
    // What else of a spec may change after the creation is resources, and with them the generation.
    (a.spec === b.spec || (a.metadata.generation !== undefined && a.metadata.generation === b.metadata.generation))
  );
}

function isSame(a: Readonly<Record<string, string>> = {}, b: Readonly<Record<string, string>> = {}): boolean {
  const entries = Object.entries(a);
  return a === b || (entries.length === Object.keys(b).length && entries.every(([key, value]) => b[key] === value));
}
