import { expect, test } from 'vitest';
import type { Node } from '../../api/core/node.ts';
import { checkJoinClaims } from './join-claims.ts';

const node = (name: string, address: string): Node =>
  ({ metadata: { name }, status: { addresses: [{ type: 'InternalIP', address }] } }) as unknown as Node;
const context = {
  nodes: [node('server', '192.0.2.1'), node('worker', '192.0.2.2')],
  foreignNetworks: ['10.42.0.0/16', '10.43.0.0/16'],
  servers: ['192.0.2.1', '192.0.2.99'],
};

test.each<[string, string, string, string, RegExp | undefined]>([
  ['a new node', 'fresh', '192.0.2.3', '192.0.2.3', undefined],
  ['a new node that asks from another of its addresses', 'fresh', '192.0.2.3', '198.51.100.3', undefined],
  ['a node that is known, from its machine', 'worker', '192.0.2.2', '192.0.2.2', undefined],
  ['the same over a socket of both families', 'worker', '192.0.2.2', '::ffff:192.0.2.2', undefined],
  ['a node that is known, with another address', 'worker', '192.0.2.4', '192.0.2.2', undefined],
  ['an API server’s machine', 'second', '192.0.2.99', '192.0.2.99', undefined],
  ['a node that is another machine', 'worker', '192.0.2.3', '192.0.2.3', /there is a node worker already/],
  ['the same, with its address claimed', 'worker', '192.0.2.2', '192.0.2.3', /another machine than 192.0.2.3/],
  ['the node of the control plane', 'server', '192.0.2.1', '192.0.2.2', /there is a node server already/],
  ['the address of another node', 'fresh', '192.0.2.2', '192.0.2.3', /192.0.2.2 is the address of the node worker/],
  ['the address of an API server', 'fresh', '192.0.2.99', '192.0.2.3', /is the address of an API server/],
  ['the address of a Service', 'fresh', '10.43.0.1', '192.0.2.3', /10.43.0.1 is no address of a node/],
  ['the loopback', 'fresh', '127.0.0.1', '192.0.2.3', /127.0.0.1 is no address of a node/],
  ['the name of the API server', 'kubernetes.default.svc', '192.0.2.3', '192.0.2.3', /is no name of a node/],
])('%s', (_, nodeName, address, remoteAddress, fault) => {
  const check = () => checkJoinClaims({ nodeName, address, remoteAddress }, context);
  if (fault) expect(check).toThrow(fault);
  else expect(check).not.toThrow();
});
