import type { ClusterState } from './cluster-state.ts';
import type { PodInfo } from './pod-info.ts';

/** Pods for which room is being made, and where. Until they are placed, lesser pods must not take that room. */
export class Nominations {
  readonly #nominated = new Map<string, { readonly info: PodInfo; readonly node: string }>();

  /** Where room is being made for a pod. */
  of(uid: string): string | undefined {
    return this.#nominated.get(uid)?.node;
  }

  set(info: PodInfo, node: string): void {
    this.#nominated.set(info.pod.metadata.uid, { info, node });
  }

  delete(uid: string): void {
    this.#nominated.delete(uid);
  }

  /** Does something with the state as if all nominated pods that `pod` must not displace were placed. */
  reserving<T>(pod: PodInfo, state: ClusterState, act: () => T): T {
    const reserved = [...this.#nominated.values()].filter(
      ({ info }) => info.priority >= pod.priority && info.pod.metadata.uid !== pod.pod.metadata.uid,
    );
    const placed = reserved.filter(({ info }) => !state.isPlaced(info.pod.metadata.uid));
    for (const { info, node } of placed) state.restore(info, node);
    try {
      return act();
    } finally {
      for (const { info } of placed) state.unplace(info.pod.metadata.uid);
    }
  }
}
