import type { Lease } from '../../api/coordination/lease.ts';
import type { Node } from '../../api/core/node.ts';
import { findCondition } from '../pod-state.ts';

/** Milliseconds that kubelets may be silent. */
export interface Patience {
  readonly gracePeriod: number;
  /** For nodes that have never reported. */
  readonly startupGracePeriod: number;
}

/**
 * Remembers when each node's lease or status was last seen to change, by the observer's own clock, for the nodes'
 * clocks may be wrong.
 */
export class Heartbeats {
  readonly #patience: Patience;
  readonly #seen = new Map<string, { readonly beat: string; readonly at: number }>();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  /** Milliseconds until the node counts as silent; 0 or less when it does. */
  untilSilent(node: Node, lease: Lease | undefined, now: number): number {
    const ready = findCondition(node.status.conditions, 'Ready');
    const known = this.#seen.get(node.metadata.name);
    // What this controller itself writes into the condition keeps the heartbeat time.
    const beat = `${lease?.spec.renewTime ?? ''} ${ready?.lastHeartbeatTime ?? ''} ${node.metadata.uid}`;
    const at = known?.beat === beat ? known.at : now;
    if (at === now) this.#seen.set(node.metadata.name, { beat, at });
    const { gracePeriod, startupGracePeriod } = this.#patience;
    return at + (ready ? gracePeriod : startupGracePeriod) - now;
  }

  /** The node is gone. */
  forget(name: string): void {
    this.#seen.delete(name);
  }
}
