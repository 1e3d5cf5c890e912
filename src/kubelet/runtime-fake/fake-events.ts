import type { ContainerEvent } from '../cri/container-runtime.ts';

/** Hands the fake runtime's events to whoever subscribed before they happened. */
export class FakeEvents {
  readonly #subscribers = new Set<(event: ContainerEvent) => void>();

  emit(event: ContainerEvent): void {
    for (const subscriber of this.#subscribers) subscriber(event);
  }

  /** Subscribes at once, not at the first `next`; ends by rejecting with the signal's reason. */
  subscribe(signal: AbortSignal | undefined): AsyncIterable<ContainerEvent> {
    const queue: ContainerEvent[] = [];
    let wake = Promise.withResolvers<void>();
    const push = (event: ContainerEvent): void => {
      queue.push(event);
      wake.resolve();
    };
    const wakeUp = (): void => wake.resolve();
    this.#subscribers.add(push);
    signal?.addEventListener('abort', wakeUp, { once: true });
    const unsubscribe = (): void => {
      this.#subscribers.delete(push);
      signal?.removeEventListener('abort', wakeUp);
    };
    return (async function* () {
      try {
        for (;;) {
          signal?.throwIfAborted();
          const event = queue.shift();
          if (event) yield event;
          else {
            await wake.promise;
            wake = Promise.withResolvers();
          }
        }
      } finally {
        unsubscribe();
      }
    })();
  }
}
