import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadEncryptionConfiguration } from './encryption-file.ts';
import { resourceOfKey } from './encryption-resources.ts';
import { good, key, secret, yaml } from './testing/encryption-yaml.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-encryption-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'encryption.yaml');

function load(text: string): ReturnType<typeof loadEncryptionConfiguration>['configuration'] {
  writeFileSync(path, text);
  return loadEncryptionConfiguration(path).configuration;
}

test('a configuration is read, with the defaults of KMS plug-ins', () => {
  const kms = 'kms: {apiVersion: v2, name: far, endpoint: "unix:///run/kms.sock"}';
  const { resources } = load(yaml({ resources: ['secrets', '*.apps'], providers: [kms, ...good] }));
  expect(resources).toEqual([
    {
      resources: ['secrets', '*.apps'],
      providers: [
        { kms: { apiVersion: 'v2', name: 'far', endpoint: 'unix:///run/kms.sock', timeout: '3s' } },
        { aescbc: { keys: [{ name: 'key1', secret: secret(1) }] } },
        { identity: {} },
      ],
    },
  ]);
});

const kmsOf = (fields: string): readonly string[] => [`kms: {${fields}}`];
const providersOf = (...providers: string[]): string => yaml({ resources: ['secrets'], providers });
const resourcesOf = (...resources: string[]): string => yaml({ resources, providers: good });

test.each([
  ['', 'it is empty'],
  ['a: b', 'it must be an EncryptionConfiguration of apiVersion apiserver.config.k8s.io/v1'],
  [yaml().replace('resources:', 'resources: []'), 'resources: Required value: at least one resources is required'],
  [`${resourcesOf('secrets')}more: 1`, 'strict decoding error: unknown field "more"'],
  [
    providersOf('aescbc: {keys: [{name: a, secret: b, extra: c}]}'),
    'unknown field "resources[0].providers[0].aescbc.keys[0].extra"',
  ],
  [resourcesOf(), 'resources[0].resources: Required value: at least one resources[0].resources is required'],
  [
    yaml({ resources: ['secrets'], providers: [] }),
    'resources[0].providers: Required value: at least one resources[0].providers is required',
  ],
  [
    resourcesOf('secrets', 'secrets'),
    'resources[0].resources: Invalid value: ["secrets","secrets"]: the same resource cannot be specified multiple times',
  ],
  [
    resourcesOf('secrets', '*.'),
    'resources[0].resources: Invalid value: ["secrets","*."]: using overlapping resources such as \'secrets\' and \'*.\' in the same resource list is not allowed as they will be masked',
  ],
  [resourcesOf('pods', '*.*'), 'using overlapping resources'],
  [
    resourcesOf('Secrets'),
    'resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters',
  ],
  [
    resourcesOf('*'),
    'resources[0].resources[0]: Invalid value: "*": use \'*.\' to encrypt all the resources from core API group or *.* to encrypt all resources',
  ],
  [resourcesOf('serviceipallocations'), 'resources which do not have REST API/s cannot be encrypted'],
  [resourcesOf('events.events.k8s.io'), "Use 'events' instead in the config file"],
  [resourcesOf('*.extensions'), "'extensions' group has been removed and cannot be used for encryption"],
  [resourcesOf('secrets.*'), 'encrypting the same resource across groups is not supported'],
  [
    providersOf('{}'),
    'resources[0].providers[0]: Invalid value: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
  ],
  [
    providersOf(`{identity: {}, aescbc: {keys: [${key('a')}]}}`),
    'more than one provider specified in a single element, should split into different list elements',
  ],
  [
    providersOf('aesgcm: {keys: []}'),
    'resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required',
  ],
  [
    providersOf('aesgcm: {keys: [{secret: YQ==}]}'),
    'resources[0].providers[0].aesgcm.keys[0].name: Required value: name is a mandatory field for a key',
  ],
  [
    providersOf('secretbox: {keys: [{name: a}]}'),
    'resources[0].providers[0].secretbox.keys[0].secret: Required value: secret is a mandatory field for a key',
  ],
  [
    providersOf('aescbc: {keys: [{name: a, secret: "not base64"}]}'),
    'resources[0].providers[0].aescbc.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
  ],
  [
    providersOf(`aescbc: {keys: [{name: a, secret: "${secret(1, 20)}"}]}`),
    'Invalid value: "REDACTED": secret is not of the expected length, got 20, expected one of [16 24 32]',
  ],
  [
    providersOf(`secretbox: {keys: [{name: a, secret: "${secret(1, 24)}"}]}`),
    'secret is not of the expected length, got 24, expected one of [32]',
  ],
  [
    providersOf(...kmsOf('name: a, endpoint: "unix:///a"')),
    'resources[0].providers[0].kms.apiVersion: Invalid value: "v1": KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead. kubets has v2 only',
  ],
  [providersOf(...kmsOf('apiVersion: v3, name: a, endpoint: "unix:///a"')), 'only v1 and v2 are supported'],
  [
    providersOf(...kmsOf('apiVersion: v2, endpoint: "unix:///a"')),
    'kms.name: Required value: name is a mandatory field for a provider',
  ],
  [
    providersOf(...kmsOf('apiVersion: v2, name: "a:b", endpoint: "unix:///a"')),
    `kms.name: Invalid value: "a:b": invalid KMS provider name a:b, must not contain ':'`,
  ],
  [
    providersOf(
      ...kmsOf('apiVersion: v2, name: a, endpoint: "unix:///a"'),
      ...kmsOf('apiVersion: v2, name: a, endpoint: "unix:///b"'),
    ),
    'resources[0].providers[1].kms.name: Invalid value: "a": duplicate KMS provider name a, names must be unique',
  ],
  [
    providersOf(...kmsOf('apiVersion: v2, name: a, endpoint: "unix:///a", timeout: 0s')),
    'kms.timeout: Invalid value: "0s": timeout should be a positive value',
  ],
  [
    providersOf(...kmsOf('apiVersion: v2, name: a, endpoint: "unix:///a", cachesize: 10')),
    'kms.cachesize: Invalid value: 10: cachesize is not supported in v2',
  ],
  [
    providersOf(...kmsOf('apiVersion: v2, name: a')),
    'kms.endpoint: Invalid value: "": endpoint is a mandatory field for a kms',
  ],
  [
    providersOf(...kmsOf('apiVersion: v2, name: a, endpoint: "tcp://a:1"')),
    'kms.endpoint: Invalid value: "tcp://a:1": unsupported scheme "tcp" for KMS provider, only unix is supported',
  ],
])('a configuration is refused: %#', (text, message) => {
  expect(() => load(text)).toThrow(message);
  expect(() => load(text)).toThrow(`the encryption provider configuration file ${path} can't be used: `);
});

test('a file that is not there is named', () => {
  expect(() => loadEncryptionConfiguration(join(folder, 'none'))).toThrow(join(folder, 'none'));
});

test('of several faults all are told', () => {
  expect(() => load(yaml({ resources: ['*', 'A'], providers: ['{}'] }))).toThrow(
    /\[resources.*resources\[0\]\.resources\[1\].*providers\[0\]/,
  );
});

test.each([
  ['/registry/secrets/default/a', 'secrets'],
  ['/registry/deployments/default/a', 'deployments.apps'],
  ['/registry/services/specs/default/a', 'services'],
  ['/registry/services/endpoints/default/a', 'endpoints'],
  ['/registry/minions/a', 'nodes'],
  ['/registry/events/default/a', 'events'],
  ['/registry/apiregistration.k8s.io/apiservices/v1.apps', 'apiservices.apiregistration.k8s.io'],
  ['/registry/apiextensions.k8s.io/customresourcedefinitions/a', 'customresourcedefinitions.apiextensions.k8s.io'],
  ['/registry/awesome.bears.example/pandas/default/a', 'pandas.awesome.bears.example'],
  ['/registry/ranges/servicenodeports', 'servicenodeportallocations'],
  ['/registry/kubets.io/shared/cluster', undefined],
  ['/registry/unheard/of', undefined],
  ['/elsewhere', undefined],
])('what is under %s is of resource %s', (storeKey, resource) => {
  expect(resourceOfKey(storeKey)).toBe(resource);
});
