import { Node } from '../../api/core/node.ts';
import { defineController, done } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { freeBlock } from './cidr-plan.ts';

/** Options of `nodeIpam`. */
export interface NodeIpamOptions {
  /** Such as `10.42.0.0/16`; for two families one each. */
  readonly clusterCIDRs: readonly string[];
  /** Bits of a node's block, per family. Default 24 for IPv4, 64 for IPv6. */
  readonly nodePrefix?: readonly number[] | undefined;
}

/** Gives every node blocks of pod addresses out of the cluster's networks. */
export function nodeIpam(options: NodeIpamOptions): Controller {
  const networks = options.clusterCIDRs.map((cidr, i) => ({
    cidr,
    prefix: options.nodePrefix?.[i] ?? (cidr.includes(':') ? 64 : 24),
  }));
  return defineController({
    name: 'node-ipam-controller',
    for: Node,
    rbac: { nodes: ['get', 'list', 'patch', 'watch'], events: ['create', 'patch', 'update'] },
    // One at a time: two nodes must not get the same block. Own writes show in the cache at once.
    workers: 1,
    async reconcile(key, { cache, client, events, signal }) {
      const node = cache.get(Node, key);
      if (!node || node.metadata.deletionTimestamp !== undefined || node.spec.podCIDR) return done;
      const taken = cache.list(Node).flatMap(({ spec }) => spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []));
      const blocks = networks.map(({ cidr, prefix }) => freeBlock(cidr, prefix, taken));
      const podCIDRs = blocks.filter((block) => block !== undefined);
      if (podCIDRs.length < blocks.length) {
        const message = `Node ${key.name} status is now: CIDRNotAvailable`;
        events.record(node, { type: 'Normal', reason: 'CIDRNotAvailable', message });
        throw new Error(`no pod CIDR is left for node ${key.name} in ${options.clusterCIDRs.join(', ')}`);
      }
      const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } };
      await client.patch(Node, keyOf(node), { type: 'merge', body }, { signal });
      return done;
    },
  });
}
