import { expect, test } from 'vitest';
import { decoded, problems } from '../testing/kind-problems.ts';
import { APIService } from './api-service.ts';

const spec = { group: 'example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15 };
const service = { namespace: 'default', name: 'sample' };
const named = (name: string, spec: object) => ({ metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' }, spec });

test('the port of a Service is 443 unless it says otherwise', () => {
  expect(decoded(APIService, { spec: { ...spec, service } }).spec.service?.port).toBe(443);
});

test('an APIService is named after its version and group', () => {
  expect(problems(APIService, named('v1.example.com', spec))).toEqual([]);
  expect(problems(APIService, named('v1.other', spec))).toEqual([
    'metadata.name: Invalid value: "v1.other": must be `spec.version+"."+spec.group`: "v1.example.com"',
  ]);
  expect(problems(APIService, named('v2.', { ...spec, group: '', version: 'v2' }))).toEqual([
    'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
  ]);
});

test('priorities have bounds, and what concerns other servers is for these only', () => {
  const name = 'v1.example.com';
  expect(problems(APIService, named(name, { ...spec, groupPriorityMinimum: 0, versionPriority: 1001 }))).toEqual([
    'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
    'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
  ]);
  expect(problems(APIService, named(name, { ...spec, caBundle: 'QUJD', insecureSkipTLSVerify: true }))).toEqual([
    'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
    'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
  ]);
  const remote = { ...spec, service: { port: 0 }, caBundle: 'QUJD', insecureSkipTLSVerify: true };
  expect(problems(APIService, named(name, remote))).toEqual([
    'spec.service.namespace: Required value',
    'spec.service.name: Required value',
    'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
    'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
  ]);
});
