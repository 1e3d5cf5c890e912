import { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';

const retryMs = 500;

/**
 * Resolves once some node is Ready, or when aborted. Pods of add-ons that came before would only fail to be scheduled,
 * say so in events, and be held back by the scheduler's back-off when their node is there.
 */
export async function firstReadyNode(
  client: Client,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { items, metadata } = await client.list(Node, { signal });
      if (items.some(isReady)) return;
      for await (const event of client.watch(Node, { resourceVersion: metadata.resourceVersion, signal })) {
        if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && isReady(event.object)) return;
      }
    } catch {
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}

function isReady(node: Node): boolean {
  const ready = node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready && !(node.spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/not-ready');
}
