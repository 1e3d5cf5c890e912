import { expect, test } from 'vitest';
import { parseFlows, staleFlows } from './conntrack.ts';

const listed = `udp      17 28 src=10.1.0.4 dst=10.96.0.10 sport=40000 dport=53 [UNREPLIED] src=10.1.0.2 dst=10.1.0.4 sport=5353 dport=40000 mark=0 use=1
udp      17 100 src=10.1.0.4 dst=10.96.0.11 sport=40001 dport=53 src=10.96.0.11 dst=10.1.0.4 sport=53 dport=40001 [ASSURED] mark=0 use=1
udp      17 3 src=172.30.0.1 dst=172.30.0.2 sport=40002 dport=30053 src=10.1.0.9 dst=10.1.0.1 sport=5353 dport=40002 mark=0 use=1
udp      17 3 src=172.30.0.1 dst=172.30.0.2 sport=40003 dport=30053 src=172.30.0.2 dst=172.30.0.1 sport=30053 dport=40003 mark=0 use=1
conntrack v1.4.7 (conntrack-tools): 4 flow entries have been shown.
`;

test('flows are read with where the client sent to and who answers', () => {
  const flows = parseFlows(listed);
  expect(flows).toHaveLength(4);
  expect(flows[0]).toEqual({
    source: '10.1.0.4',
    sourcePort: 40000,
    destination: '10.96.0.10',
    destinationPort: 53,
    replySource: '10.1.0.2',
    replySourcePort: 5353,
  });
});

test('a flow to an endpoint that is gone, or to none although there is one, is stale', () => {
  const endpoints = [{ address: '10.1.0.3', port: 5353 }];
  const stale = staleFlows(parseFlows(listed), [
    { address: '10.96.0.10', port: 53, endpoints },
    { address: '10.96.0.11', port: 53, endpoints },
  ]);
  expect(stale.map(({ sourcePort }) => sourcePort)).toEqual([40000, 40001]);
  const current = [{ address: '10.96.0.10', port: 53, endpoints: [{ address: '10.1.0.2', port: 5353 }] }];
  expect(staleFlows(parseFlows(listed), current)).toEqual([]);
});

test("of flows to a node port only those that were rewritten are the proxy's", () => {
  const stale = staleFlows(parseFlows(listed), [{ address: undefined, port: 30053, endpoints: [] }]);
  expect(stale.map(({ sourcePort }) => sourcePort)).toEqual([40002]);
});
