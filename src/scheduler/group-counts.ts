import type { Pod } from '../api/core/pod.ts';
import type { NamespaceLabels, PodGroup } from './pod-affinity.ts';

/** Groups that are counted at the same time; the one used longest ago is forgotten. */
const maxGroups = 256;

interface Counted {
  readonly group: PodGroup;
  readonly perNode: Map<string, number>;
}

/**
 * How many pods of each group are on each node. A group is counted once when it is first asked for, and then kept up
 * to date pod by pod, so that decisions for many similar pods walk over no pods at all.
 */
export class GroupCounts {
  readonly #counted = new Map<string, Counted>();
  readonly #namespaceLabels: NamespaceLabels;

  constructor(namespaceLabels: NamespaceLabels) {
    this.#namespaceLabels = namespaceLabels;
  }

  /** Counts per node; nodes without any are left out. `placed`: all pods with their nodes. */
  of(group: PodGroup, placed: () => Iterable<readonly [Pod, string]>): ReadonlyMap<string, number> {
    const known = this.#counted.get(group.key) ?? this.#count(group, placed());
    // Put at the end: what is at the front was used longest ago.
    this.#counted.delete(group.key);
    this.#counted.set(group.key, known);
    for (const oldest of this.#counted.keys()) {
      if (this.#counted.size <= maxGroups) break;
      this.#counted.delete(oldest);
    }
    return known.perNode;
  }

  /** A pod came to a node (1) or left it (-1). */
  change(pod: Pod, node: string, by: 1 | -1): void {
    for (const { group, perNode } of this.#counted.values()) {
      if (group.holds(pod, this.#namespaceLabels)) add(perNode, node, by);
    }
  }

  /** Labels of some namespace changed: groups that go by them are counted anew. */
  namespacesChanged(): void {
    for (const [key, { group }] of this.#counted) if (group.usesNamespaces) this.#counted.delete(key);
  }

  #count(group: PodGroup, placed: Iterable<readonly [Pod, string]>): Counted {
    const perNode = new Map<string, number>();
    for (const [pod, node] of placed) if (group.holds(pod, this.#namespaceLabels)) add(perNode, node, 1);
    return { group, perNode };
  }
}

function add(perNode: Map<string, number>, node: string, by: number): void {
  const count = (perNode.get(node) ?? 0) + by;
  if (count === 0) perNode.delete(node);
  else perNode.set(node, count);
}
