/** What endpoint slices and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  EndpointSlice: {
    '': 'Some of the addresses behind a Service.',
    addressType: 'IPv4, IPv6 or FQDN; can not be changed.',
    endpoints: 'The addresses; at most a thousand.',
    ports: 'Ports that all of them have.',
  },
  Endpoint: {
    '': 'A place behind a Service, usually a pod.',
    addresses: 'Its addresses; the first is used.',
    conditions: 'Whether it can be used.',
    hostname: 'Its name within the domain of the Service.',
    targetRef: 'The pod.',
    deprecatedTopology: 'No longer used.',
    nodeName: 'The node that it is on.',
    zone: 'The zone that it is in.',
    hints: 'Who should use it.',
  },
  EndpointConditions: {
    '': 'Whether an endpoint can be used.',
    ready: 'It may get new connections; unknown counts as yes.',
    serving: 'It answers, be it ending or not.',
    terminating: 'It is ending.',
  },
  EndpointHints: {
    '': 'Who should use an endpoint.',
    forZones: 'Zones that should.',
    forNodes: 'Nodes that should.',
  },
  ForZone: { '': 'A zone.', name: 'Its name.' },
  ForNode: { '': 'A node.', name: 'Its name.' },
  EndpointPort: {
    '': 'A port behind a Service.',
    name: 'Name of the port, as the Service has it.',
    protocol: 'TCP, UDP or SCTP; TCP by default.',
    port: 'Number of the port; all if absent.',
    appProtocol: 'The application protocol, such as `https`.',
  },
};
