import { describe, expect, test } from 'vitest';
import { cells, decoded, problems, problemsOf, statusProblems } from '../testing/kind-problems.ts';
import { DeviceClass } from './device-class.ts';
import { ResourceClaimTemplate } from './resource-claim-template.ts';
import { ResourceClaim } from './resource-claim.ts';
import { ResourceSlice } from './resource-slice.ts';

const metadata = { name: 'x' };
const claimed = (request: object, more: object = {}): object => ({
  spec: { devices: { requests: [{ name: 'gpu', ...request }], ...more } },
});
const exactly = { deviceClassName: 'gpu.example.com' };
const plain = claimed({ exactly });

describe('claims', () => {
  const expression = (text: string): object =>
    claimed({ exactly: { ...exactly, selectors: [{ cel: { expression: text } }] } });
  test.each<[string, object, string[]]>([
    ['a plain one is fine', plain, []],
    [
      'one that selects is fine',
      expression('device.attributes["gpu.example.com"].memory.compareTo(quantity("1Gi")) > 0'),
      [],
    ],
    [
      'one with alternatives is fine',
      claimed(
        {
          firstAvailable: [
            { name: 'a', ...exactly },
            { name: 'b', ...exactly },
          ],
        },
        {
          constraints: [{ requests: ['gpu/a'], matchAttribute: 'gpu.example.com/numa' }],
        },
      ),
      [],
    ],
    [
      'no request in the request',
      claimed({}),
      ['spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
    ],
    [
      'both kinds',
      claimed({ exactly, firstAvailable: [{ name: 'a', ...exactly }] }),
      [
        'spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
      ],
    ],
    ['no class', claimed({ exactly: {} }), ['spec.devices.requests[0].exactly.deviceClassName: Required value']],
    [
      'all of them, and three',
      claimed({ exactly: { ...exactly, allocationMode: 'All', count: 3 } }),
      ["spec.devices.requests[0].exactly.count: Invalid value: 3: must not be specified when allocationMode is 'All'"],
    ],
    [
      'a selector that is a number',
      expression('1'),
      [
        'spec.devices.requests[0].exactly.selectors[0].cel.expression: Invalid value: "1": must evaluate to bool or the unknown type, not int',
      ],
    ],
    [
      'a selector that is none',
      expression('device.'),
      [
        expect.stringContaining(
          'selectors[0].cel.expression: Invalid value: "device.": compilation failed: ERROR: <input>:1:8: Syntax error',
        ),
      ],
    ],
    [
      'a constraint on nothing',
      claimed({ exactly }, { constraints: [{ requests: ['nope'], matchAttribute: 'a.b/c' }] }),
      [
        'spec.devices.constraints[0].requests[0]: Invalid value: "nope": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'',
      ],
    ],
    [
      'an attribute without a domain',
      claimed({ exactly }, { constraints: [{ matchAttribute: 'numa' }] }),
      [
        'spec.devices.constraints[0].matchAttribute: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash',
      ],
    ],
    [
      'settings that are a text',
      claimed({ exactly }, { config: [{ opaque: { driver: 'd', parameters: 'x' } }] }),
      ['spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
    ],
  ])('%s', (_, claim, expected) => {
    expect(problems(ResourceClaim, claim)).toEqual(expected);
    const template = problems(ResourceClaimTemplate, { spec: claim });
    expect(template).toHaveLength(expected.length);
  });

  test('one device is asked for when nothing else is said', () => {
    expect(decoded(ResourceClaim, plain).spec.devices.requests?.[0]?.exactly).toMatchObject({
      allocationMode: 'ExactCount',
      count: 1,
    });
  });

  const result = { request: 'gpu', driver: 'gpu.example.com', pool: 'p', device: 'gpu-0' };
  const allocation = { devices: { results: [result] } };
  const consumer = { resource: 'pods', name: 'p', uid: 'u' };
  test.each<[string, object, object, string[]]>([
    ['it is allocated and reserved', {}, { allocation, reservedFor: [consumer] }, []],
    [
      'it is reserved without being allocated',
      {},
      { reservedFor: [consumer] },
      ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set'],
    ],
    [
      'a device that nobody allocated',
      {},
      { allocation, devices: [{ ...result, device: 'other' }] },
      ['status.devices[0]: Invalid value: "gpu.example.com/p/other": must be an allocated device in the claim'],
    ],
    [
      'a result for another request',
      {},
      { allocation: { devices: { results: [{ ...result, request: 'x' }] } } },
      [expect.stringContaining('status.allocation.devices.results[0].request: Invalid value: "x"')],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(statusProblems(ResourceClaim, { ...plain, status: after }, { ...plain, status: before })).toEqual(expected);
  });

  test('an allocation stays', () => {
    const other = { devices: { results: [{ ...result, device: 'gpu-1' }] } };
    const write = { object: { ...plain, status: { allocation: other } }, old: { ...plain, status: { allocation } } };
    expect(problemsOf(ResourceClaim, { ...write, subresource: 'status' })).toEqual([
      expect.stringContaining('field is immutable'),
    ]);
  });

  test('the table shows how far it is', () => {
    expect(cells(ResourceClaim, plain)).toEqual({ State: 'pending' });
    expect(cells(ResourceClaim, { ...plain, status: { allocation, reservedFor: [consumer] } })).toEqual({
      State: 'allocated,reserved',
    });
  });
});

test.each<[string, object, string[]]>([
  ['a plain class is fine', { extendedResourceName: 'example.com/gpu' }, []],
  [
    'a resource of Kubernetes',
    { extendedResourceName: 'cpu' },
    ['spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
  ],
  ['no settings', { config: [{}] }, ['spec.config[0].opaque: Required value']],
  ['an empty selector', { selectors: [{}] }, ['spec.selectors[0].cel: Required value']],
])('%s', (_, spec, expected) => {
  expect(problems(DeviceClass, { metadata, spec })).toEqual(expected);
});

describe('slices', () => {
  const spec = {
    driver: 'gpu.example.com',
    nodeName: 'n1',
    pool: { name: 'n1', generation: 1, resourceSliceCount: 1 },
  };
  const device = (fields: object): object => ({ devices: [{ name: 'gpu-0', ...fields }] });
  const part = (requestPolicy: object, more: object = {}): object =>
    device({ allowMultipleAllocations: true, capacity: { memory: { value: '10Gi', requestPolicy } }, ...more });
  test.each<[string, object, string[]]>([
    [
      'a plain one is fine',
      device({ attributes: { model: { string: 'a' }, 'example.com/version': { version: '1.2.3' } } }),
      [],
    ],
    [
      'no nodes',
      { nodeName: undefined },
      [
        'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required',
      ],
    ],
    [
      'two ways to say which nodes',
      { allNodes: true },
      [
        'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set',
      ],
    ],
    [
      'an empty pool',
      { pool: { name: 'p', generation: 1, resourceSliceCount: 0 } },
      ['spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero'],
    ],
    ['a device twice', { devices: [{ name: 'a' }, { name: 'a' }] }, ['spec.devices[1]: Duplicate value: "a"']],
    [
      'an attribute of two types',
      device({ attributes: { a: { string: 'x', int: 1 } } }),
      ['spec.devices[0].attributes[a]: Invalid value: {"int":1,"string":"x"}: exactly one value must be specified'],
    ],
    [
      'an attribute with dashes',
      device({ attributes: { 'a-b': { bool: true } } }),
      [expect.stringContaining('spec.devices[0].attributes: Invalid value: "a-b": a valid C identifier must')],
    ],
    [
      'a version of two numbers',
      device({ attributes: { a: { version: '1.2' } } }),
      [
        'spec.devices[0].attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0',
      ],
    ],
    [
      'nodes of a device',
      device({ nodeName: 'n2' }),
      [
        'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
      ],
    ],
    [
      'parts of a device for one claim',
      part({}, { allowMultipleAllocations: false }),
      ['spec.devices[0].capacity[memory].requestPolicy: Forbidden: allowMultipleAllocations must be true'],
    ],
    [
      'steps that miss the end',
      part({ default: '1Gi', validRange: { min: '1Gi', max: '4Gi', step: '2Gi' } }),
      [
        'spec.devices[0].capacity[memory].requestPolicy.validRange.step: Invalid value: "4Gi": value is not a multiple of a given step (2Gi) from (1Gi)',
      ],
    ],
    [
      'conditions without failures',
      device({ bindingConditions: ['a.b/c'] }),
      [
        'spec.devices[0].bindingFailureConditions: Invalid value: []: bindingFailureConditions are required to use bindingConditions',
      ],
    ],
    [
      'a taint without effect',
      device({ taints: [{ key: 'a' }] }),
      ['spec.devices[0].taints[0].effect: Required value'],
    ],
  ])('%s', (_, fields, expected) => {
    expect(problems(ResourceSlice, { metadata, spec: { ...spec, ...fields } })).toEqual(expected);
  });

  test('a slice stays where it is', () => {
    expect(problems(ResourceSlice, { metadata, spec: { ...spec, nodeName: 'n2' } }, { metadata, spec })).toEqual([
      'spec.nodeName: Invalid value: "n2": field is immutable',
    ]);
    expect(cells(ResourceSlice, { metadata, spec })).toEqual({ Node: 'n1', Driver: 'gpu.example.com', Pool: 'n1' });
  });
});
