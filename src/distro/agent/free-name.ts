import { existsSync } from 'node:fs';
import { Node } from '../../api/core/node.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason, messageOf } from '../../base/errors.ts';
import type { Client } from '../../client/client.ts';
import type { NodePlan } from '../up/cluster-plan.ts';

/** What looking at the name needs. */
export interface FreeNameOptions {
  readonly client: Client;
  readonly node: NodePlan;
  /** The kubelet's directory: where it is, this machine has been the node before. */
  readonly kubeletDirectory: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Says why the node does not start yet. */
  problem(text: string): void;
}

const pauseMs = 1_000;

/** Resolves once no other live machine of the cluster is the node of this name: two would fight over it. */
export async function untilNameIsFree(options: FreeNameOptions): Promise<void> {
  const { client, node, clock, signal, problem } = options;
  if (existsSync(options.kubeletDirectory)) return;
  while (!signal.aborted) {
    try {
      const found = await client.get(Node, { name: node.name }, { signal });
      const other = addressOf(found);
      if (other === node.address || !isReady(found)) return;
      problem(
        `another machine, ${other}, is the node ${node.name} of this cluster: kubets down --purge, then up with another --node-name`,
      );
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      problem(`the API server does not answer: ${messageOf(error)}`);
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}

function addressOf({ status }: Node): string | undefined {
  return status.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}

function isReady({ status }: Node): boolean {
  return status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}
