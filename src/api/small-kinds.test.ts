import { describe, expect, test } from 'vitest';
import { Lease } from './coordination/lease.ts';
import { Endpoints } from './core/endpoints.ts';
import { Event as CoreEvent } from './core/event.ts';
import { EndpointSlice } from './discovery/endpoint-slice.ts';
import { Event } from './events/event.ts';
import { RuntimeClass } from './node/runtime-class.ts';
import { problems } from './testing/kind-problems.ts';

const slice = (endpoint: object, more: object = {}): object => ({
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.2.3'], ...endpoint }],
  ...more,
});

describe('EndpointSlices', () => {
  test.each<[string, object, string[]]>([
    ['a good one', slice({ hints: { forZones: [{ name: 'a' }] } }), []],
    [
      'an address of the other family',
      slice({ addresses: ['fd00::1'] }),
      ['endpoints[0].addresses[0]: Invalid value: "fd00::1": must be an IPv4 address'],
    ],
    [
      'no address of any',
      slice({ addresses: ['0.0.0.0'] }),
      ['endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)'],
    ],
    [
      'a zone twice',
      slice({ hints: { forZones: [{ name: 'a' }, { name: 'a' }] } }),
      ['endpoints[0].hints.forZones[1].name: Duplicate value: "a"'],
    ],
    [
      'hints for everybody',
      slice({ hints: { forNodes: Array.from({ length: 9 }, (_, index) => ({ name: `n${index}` })) } }),
      ['endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items'],
    ],
  ])('%s', (_name, object, sentences) => {
    expect(problems(EndpointSlice, object)).toEqual(sentences);
  });
});

test('Endpoints: names of nodes and protocols', () => {
  const subsets = [{ addresses: [{ ip: '10.1.2.3', nodeName: 'N' }], ports: [{ port: 1, appProtocol: 'a b' }] }];
  expect(problems(Endpoints, { subsets })).toEqual([
    expect.stringContaining('subsets[0].addresses[0].nodeName: Invalid value: "N": a lowercase RFC 1123 subdomain'),
    expect.stringContaining('subsets[0].ports[0].appProtocol: Invalid value: "a b": name part must consist of'),
  ]);
});

describe('events', () => {
  const pod = { kind: 'Pod', namespace: 'ns', name: 'p' };
  const event = {
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: pod,
    reportingController: 'example.com/c',
    reportingInstance: 'c-1',
    action: 'Watching',
    reason: 'Seen',
    type: 'Normal',
  };

  test('the old form asks for little', () => {
    expect(problems(CoreEvent, { involvedObject: pod })).toEqual([]);
    expect(problems(CoreEvent, { involvedObject: pod, eventTime: event.eventTime })).toEqual([
      'reportingComponent: Required value',
      expect.stringContaining('reportingComponent: Invalid value: ""'),
      expect.stringContaining('reportingComponent: Invalid value: ""'),
      'reportingInstance: Required value',
      'action: Required value',
      'reason: Required value',
    ]);
  });

  test('the new form asks for all of it', () => {
    expect(problems(Event, event)).toEqual([]);
    expect(problems(Event, { ...event, type: 'Odd', deprecatedCount: 1, series: { count: 1 } })).toEqual([
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
      'type: Invalid value: "": has invalid value: Odd',
      'count: Invalid value: "": needs to be unset',
    ]);
  });

  test('the new form lets only the series go on', () => {
    const series = { count: 3, lastObservedTime: event.eventTime };
    expect(problems(Event, { ...event, series }, event)).toEqual([]);
    expect(problems(Event, { ...event, note: 'new' }, event)).toEqual([
      'message: Invalid value: "new": field is immutable',
    ]);
  });
});

test('RuntimeClasses say where they are and what they cost', () => {
  const toleration = { key: 'a', operator: 'Exists' };
  const scheduling = { nodeSelector: { a: 'b c' }, tolerations: [toleration, toleration] };
  expect(problems(RuntimeClass, { handler: 'h', scheduling, overhead: { podFixed: { cpu: '-1' } } })).toEqual([
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
    expect.stringContaining('scheduling.nodeSelector: Invalid value: "b c": a valid label must be'),
    'scheduling.tolerations[1]: Duplicate value: {"key":"a","operator":"Exists"}',
  ]);
});

test('Leases: strategies are known or qualified', () => {
  expect(problems(Lease, { spec: { strategy: 'example.com/mine', preferredHolder: 'a', holderIdentity: '' } })).toEqual(
    [],
  );
  expect(problems(Lease, { spec: { strategy: 'Mine' } })).toEqual([
    'spec.strategy.strategy: Unsupported value: "Mine": supported values: "OldestEmulationVersion"',
  ]);
  expect(problems(Lease, { spec: { preferredHolder: 'a' } })).toEqual([
    'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined',
  ]);
});
