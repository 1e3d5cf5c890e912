import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { AdmissionChoice } from '../../apiserver/admission-order.ts';
import type { PluginConfigurations } from '../../apiserver/admission/plugin-configurations.ts';
import { readAdmissionConfiguration } from './admission-configuration.ts';
import { admissionSettings } from './admission-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-admission-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'admission.yaml');

const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'baseline', 'enforce-version': 'v1.30' },
  exemptions: { usernames: ['bob'] },
};
const rates = {
  apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1',
  kind: 'Configuration',
  limits: [{ type: 'Server', qps: 10, burst: 20 }],
};

function read(document: unknown, choice: AdmissionChoice = {}): PluginConfigurations {
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document));
  return readAdmissionConfiguration(path, choice);
}

const plugins = (...sections: readonly object[]): object => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: sections,
});

test('sections are read, with defaults, in place or out of files beside the file', () => {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'sub/rates.yaml'), JSON.stringify(rates));
  const sections = [
    { name: 'PodSecurity', configuration: podSecurity },
    { name: 'EventRateLimit', path: 'sub/rates.yaml' },
  ];
  expect(read(plugins(...sections), { enabled: ['EventRateLimit'] })).toEqual({
    PodSecurity: {
      ...podSecurity,
      defaults: {
        enforce: 'baseline',
        'enforce-version': 'v1.30',
        audit: 'privileged',
        'audit-version': 'latest',
        warn: 'privileged',
        'warn-version': 'latest',
      },
    },
    EventRateLimit: rates,
  });
});

test.each(['v1', 'v1beta1', 'v1alpha1'])('PodSecurity is configured in version %s', (version) => {
  const configuration = { ...podSecurity, apiVersion: `pod-security.admission.config.k8s.io/${version}` };
  expect(read(plugins({ name: 'PodSecurity', configuration }))).toMatchObject({
    PodSecurity: { defaults: { enforce: 'baseline' } },
  });
});

test('what is not used is not looked at, and of two sections the first counts', () => {
  expect(read(plugins({ name: 'EventRateLimit', configuration: { a: 'b' } }))).toEqual({});
  expect(read(plugins({ name: 'PodSecurity', path: 'nowhere' }), { disabled: ['PodSecurity'] })).toEqual({});
  const twice = [podSecurity, { ...podSecurity, kind: 'Other' }].map((configuration) => ({
    name: 'PodSecurity',
    configuration,
  }));
  expect(read(plugins(...twice)).PodSecurity?.defaults.enforce).toBe('baseline');
});

test('an old file may be the configuration of PodNodeSelector alone', () => {
  const podNodeSelectorPluginConfig = { clusterDefaultNodeSelector: 'a=b' };
  expect(read({ podNodeSelectorPluginConfig }, { enabled: ['PodNodeSelector'] })).toEqual({
    PodNodeSelector: { podNodeSelectorPluginConfig },
  });
});

const started = (name: string, problem: string): string => `couldn't init admission plugin "${name}": ${problem}`;

test.each<[string, unknown, AdmissionChoice, string]>([
  ['is empty', '', {}, 'is no YAML: expected a document, but the input is empty'],
  ['is no YAML', '{', {}, 'is no YAML'],
  ['is of another kind', { ...plugins(), kind: 'X' }, {}, 'must be an AdmissionConfiguration'],
  ['has unknown fields', { ...plugins(), plugin: [] }, {}, 'strict decoding error: unknown field "plugin"'],
  ['has a list that is none', { ...plugins(), plugins: 'x' }, {}, 'cannot be handled as a AdmissionConfiguration'],
  ['names an unknown plug-in', plugins({ name: 'PodSecure' }), {}, 'admission plugin "PodSecure" is unknown'],
  [
    'configures what has no configuration',
    plugins({ name: 'LimitRanger', configuration: {} }),
    {},
    started('LimitRanger', 'it has no configuration'),
  ],
  [
    'has a configuration of another kind',
    plugins({ name: 'PodSecurity', configuration: { ...podSecurity, apiVersion: 'v1' } }),
    {},
    started('PodSecurity', 'no kind "PodSecurityConfiguration" is registered for version "v1"'),
  ],
  [
    'has a configuration with unknown fields',
    plugins({ name: 'PodSecurity', configuration: { ...podSecurity, default: {} } }),
    {},
    started('PodSecurity', 'strict decoding error: unknown field "default"'),
  ],
  [
    'has a configuration that is not valid',
    plugins({ name: 'PodSecurity', configuration: { ...podSecurity, defaults: { warn: 'x' } } }),
    {},
    started('PodSecurity', 'defaults.warn: Invalid value: "x": must be one of privileged, baseline, restricted'),
  ],
  [
    'lacks what a plug-in can not do without',
    plugins(),
    { enabled: ['EventRateLimit'] },
    started('EventRateLimit', 'limits: Invalid value: []: must not be empty; --admission-control-config-file'),
  ],
  [
    'names credentials by half',
    plugins({
      name: 'ValidatingAdmissionWebhook',
      configuration: {
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'WebhookAdmissionConfiguration',
        kubeConfigFile: 'config',
      },
    }),
    {},
    started('ValidatingAdmissionWebhook', 'kubeConfigFile: Invalid value: "config": must be an absolute file path'),
  ],
])('a file that %s is refused', (_, document, choice, problem) => {
  expect(() => read(document, choice)).toThrow(problem);
});

test('a file that is not there is said so', () => {
  expect(() => readAdmissionConfiguration(join(folder, 'gone'), {})).toThrow('--admission-control-config-file');
});

test('webhooks are shown what the user is called after the place that is called', async () => {
  const kubeConfigFile = join(folder, 'webhooks.kubeconfig');
  const user = (name: string): object => ({ name, user: { token: `for ${name}` } });
  const names = ['hook.web.svc', 'other.web.svc:8443', '*.example.com', 'x.example.com:443', '*'];
  writeFileSync(kubeConfigFile, JSON.stringify({ users: names.map(user) }));
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile,
  };
  writeFileSync(path, JSON.stringify(plugins({ name: 'MutatingAdmissionWebhook', configuration })));
  const { webhookCredentials } = await admissionSettings({
    'enable-admission-plugins': [],
    'disable-admission-plugins': [],
    'admission-control-config-file': path,
  });
  const { MutatingAdmissionWebhook: shown, ValidatingAdmissionWebhook: none } = webhookCredentials ?? {};
  const tokens = [
    'hook.web.svc:443',
    'hook.web.svc:8443',
    'other.web.svc:8443',
    'a.b.example.com:443',
    'x.example.com:443',
  ];
  expect(tokens.map((place) => shown?.(place)?.token)).toEqual([
    'for hook.web.svc',
    'for *',
    'for other.web.svc:8443',
    'for *.example.com',
    'for x.example.com:443',
  ]);
  expect(none).toBeUndefined();
});
