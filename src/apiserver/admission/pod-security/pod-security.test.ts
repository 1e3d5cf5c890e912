import { expect, test } from 'vitest';
import { Deployment } from '../../../api/apps/deployment.ts';
import { CronJob } from '../../../api/batch/cron-job.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import { PodTemplate } from '../../../api/core/pod-template.ts';
import { ReplicationController } from '../../../api/core/replication-controller.ts';
import { decodeObject, decodeStruct } from '../../../machinery/decode.ts';
import { fieldErrorText } from '../../../machinery/field-error.ts';
import type { ApiObject, DraftObject, Resource } from '../../../machinery/resource.ts';
import type { AdmissionRequest } from '../../ports.ts';
import { resourceAttributes } from '../../authorization/attributes.ts';
import { admissionContext } from '../../testing/admission-context.ts';
import { fakeClient } from '../../testing/fake-client.ts';
import { testServer } from '../../testing/test-server.ts';
import { PodSecurityConfiguration, podSecurityConfigurationErrors } from './configuration.ts';
import { createPodSecurity } from './pod-security.ts';

const prefix = 'pod-security.kubernetes.io';
const labelled = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`${prefix}/${name}`, value]));

function configured(configuration: object): PodSecurityConfiguration {
  const names = { version: 'v1', kind: 'PodSecurityConfiguration' };
  return decodeStruct(PodSecurityConfiguration.node, configuration, names).object as PodSecurityConfiguration;
}

const host = { hostPID: true, containers: [{ name: 'a', image: 'i:1' }] };
const plain = { containers: [{ name: 'a', image: 'i:1' }] };
const hostProblem = 'PodSecurity "baseline:latest": host namespaces (hostPID=true)';

/** What the plug-in said of one request. */
interface Verdict {
  readonly refused?: string;
  readonly warnings: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

interface Asked {
  readonly labels?: Readonly<Record<string, string>>;
  readonly configuration?: object;
  readonly user?: string;
  readonly subresource?: string;
  readonly old?: object;
}

/** Shows one write to the plug-in alone. */
async function verdict<T extends ApiObject, D extends DraftObject>(
  resource: Resource<T, D>,
  spec: object,
  { labels = {}, configuration = {}, user = 'ann', subresource = '', old }: Asked = {},
): Promise<Verdict> {
  const client = fakeClient();
  client.put(Namespace, { metadata: { name: 'ns', labels: labelled(labels) } });
  const { group, version, plural } = resource;
  const decoded = (own: object): unknown =>
    decodeObject(resource, { metadata: { name: 'x', namespace: 'ns' }, ...own }).object;
  const where = { verb: 'x', group, version, resource: plural, subresource, name: 'x', namespace: 'ns' };
  const warnings: string[] = [];
  const annotations: Record<string, string> = {};
  const request: AdmissionRequest = {
    attributes: resourceAttributes({ name: user, groups: [] }, where),
    operation: old ? 'UPDATE' : 'CREATE',
    resource,
    object: decoded({ spec }) as Record<string, unknown>,
    old: old && (decoded({ spec: old }) as ApiObject),
    dryRun: false,
    warnings,
    annotate: (key, value) => void (annotations[key.replace(`${prefix}/`, '')] = value),
  };
  try {
    await createPodSecurity(configured(configuration)).validate?.(request, admissionContext(client));
    return { warnings, annotations };
  } catch (error) {
    return { refused: (error as Error).message, warnings, annotations };
  }
}

test.each<[string, object, Asked, Verdict]>([
  [
    'nothing is demanded by default',
    host,
    {},
    { warnings: [], annotations: { 'enforce-policy': 'privileged:latest' } },
  ],
  [
    'what is enforced is refused',
    host,
    { labels: { enforce: 'baseline' } },
    {
      refused: `pods "x" is forbidden: violates ${hostProblem}`,
      warnings: [],
      annotations: { 'enforce-policy': 'baseline:latest' },
    },
  ],
  [
    'what is as demanded is let in',
    plain,
    { labels: { enforce: 'baseline', 'enforce-version': 'v1.20' } },
    { warnings: [], annotations: { 'enforce-policy': 'baseline:v1.20' } },
  ],
  [
    'what is audited is noted, what is warned of is said',
    host,
    { labels: { audit: 'baseline', warn: 'baseline', 'warn-version': 'v1.0' } },
    {
      warnings: ['would violate PodSecurity "baseline:v1.0": host namespaces (hostPID=true)'],
      annotations: { 'enforce-policy': 'privileged:latest', 'audit-violations': `would violate ${hostProblem}` },
    },
  ],
  [
    'the defaults count where labels say nothing',
    host,
    { labels: { 'enforce-version': 'v1.1' }, configuration: { defaults: { enforce: 'baseline' } } },
    {
      refused: 'pods "x" is forbidden: violates PodSecurity "baseline:v1.1": host namespaces (hostPID=true)',
      warnings: [],
      annotations: { 'enforce-policy': 'baseline:v1.1' },
    },
  ],
  [
    'labels go before the defaults',
    host,
    { labels: { enforce: 'privileged' }, configuration: { defaults: { enforce: 'restricted' } } },
    { warnings: [], annotations: { 'enforce-policy': 'privileged:latest' } },
  ],
  [
    'an unknown level is the strictest',
    host,
    { labels: { enforce: 'high', 'audit-version': 'x' } },
    {
      refused: expect.stringContaining('violates PodSecurity "restricted:latest": host namespaces') as string,
      warnings: [],
      annotations: {
        'enforce-policy': 'restricted:latest',
        error:
          'Failed to parse policy: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "high": ' +
          'must be one of privileged, baseline, restricted, ' +
          'metadata.labels[pod-security.kubernetes.io/audit-version]: Invalid value: "x": must be "latest" or "v1.x"]',
      },
    },
  ],
  [
    'an exempt user',
    host,
    { user: 'bob', labels: { enforce: 'baseline' }, configuration: { exemptions: { usernames: ['bob'] } } },
    { warnings: [], annotations: { exempt: 'user' } },
  ],
  [
    'an exempt namespace',
    host,
    { labels: { enforce: 'baseline' }, configuration: { exemptions: { namespaces: ['ns'] } } },
    { warnings: [], annotations: { exempt: 'namespace' } },
  ],
  [
    'an exempt runtime class',
    { ...host, runtimeClassName: 'vm' },
    { labels: { enforce: 'baseline' }, configuration: { exemptions: { runtimeClasses: ['vm'] } } },
    { warnings: [], annotations: { exempt: 'runtimeClass' } },
  ],
])('pods: %s', async (_, spec, asked, expected) => {
  expect(await verdict(Pod, spec, asked)).toEqual(expected);
});

const allowed = { warnings: [], annotations: {} };
const imaged = (image: string) => ({ ...host, containers: [{ name: 'a', image }] });
const debugged = (image: string) => ({ ...imaged('i:1'), ephemeralContainers: [{ name: 'd', image }] });

test.each<[string, object, object, string, boolean]>([
  ['labels', imaged('i:1'), imaged('i:1'), '', true],
  ['an image', imaged('i:1'), imaged('i:2'), '', false],
  ['a container more', imaged('i:1'), { ...host, initContainers: [{ name: 'b', image: 'i' }] }, '', false],
  ['a container to debug', imaged('i:1'), debugged('d:1'), 'ephemeralcontainers', false],
  ['another container than the same one to debug', debugged('d:1'), debugged('d:1'), 'ephemeralcontainers', true],
  ['what runs it', imaged('i:1'), imaged('i:2'), 'status', true],
  ['its resources', imaged('i:1'), imaged('i:1'), 'resize', true],
])('an update of a pod that changes %s', async (_, old, spec, subresource, isAllowed) => {
  const said = await verdict(Pod, spec, { old, subresource, labels: { enforce: 'baseline' } });
  if (isAllowed) expect(said).toEqual(allowed);
  else expect(said.refused).toBe(`pods "x" is forbidden: violates ${hostProblem}`);
});

test('a container to debug with is held to what its pod is held to', async () => {
  await using server = await testServer({ parts: () => ({ admission: [createPodSecurity()] }) });
  const { client } = server;
  const labels = labelled({ enforce: 'baseline' });
  await client.create(Namespace, { metadata: { name: 'ns', labels } });
  const pod = await client.create(Pod, { metadata: { name: 'x', namespace: 'ns' }, spec: plain });
  const debugged = (securityContext: object): Promise<Pod> => {
    const ephemeralContainers = [{ name: 'd', image: 'd:1', securityContext }];
    const changed = { ...pod, spec: { ...pod.spec, ephemeralContainers } };
    return client.update(Pod, changed, { subresource: 'ephemeralcontainers' });
  };
  await expect(debugged({ privileged: true })).rejects.toThrow(
    'violates PodSecurity "baseline:latest": privileged (container "d" must not set securityContext.privileged=true)',
  );
  await expect(debugged({})).resolves.toMatchObject({ spec: { ephemeralContainers: [{ name: 'd' }] } });
});

const template = (spec: object): object => ({ selector: { matchLabels: { a: 'b' } }, template: { spec } });

test.each<[string, Resource, object]>([
  ['a Deployment', Deployment, template(host)],
  ['a ReplicationController', ReplicationController, { template: { spec: host } }],
  ['a CronJob', CronJob, { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: host } } } }],
])('of the pods of %s is said what would be refused, which it is not', async (_, resource, spec) => {
  expect(await verdict(resource, spec, { labels: { enforce: 'baseline', audit: 'baseline' } })).toEqual({
    warnings: [`would violate ${hostProblem}`],
    annotations: { 'audit-violations': `would violate ${hostProblem}` },
  });
  expect(await verdict(resource, spec, { labels: { enforce: 'baseline', warn: 'privileged' } })).toEqual(allowed);
  expect(await verdict(resource, spec, { labels: { warn: 'baseline' }, subresource: 'status' })).toEqual(allowed);
});

test('a namespace that can not be found lets no pod in, and no template out', async () => {
  const context = admissionContext(fakeClient());
  const notes: string[] = [];
  const request = (resource: Resource, object: object): AdmissionRequest => ({
    attributes: resourceAttributes(
      { name: 'ann', groups: [] },
      { verb: 'create', group: '', version: 'v1', resource: 'x', subresource: '', name: 'x', namespace: 'gone' },
    ),
    operation: 'CREATE',
    resource,
    object: object as Record<string, unknown>,
    old: undefined,
    dryRun: false,
    annotate: (key, value) => void notes.push(`${key}: ${value}`),
  });
  const plugin = createPodSecurity();
  await expect(plugin.validate?.(request(Pod, { spec: plain }), context)).rejects.toMatchObject({
    code: 500,
    message: 'Internal error occurred: failed to lookup namespace "gone"',
  });
  await plugin.validate?.(request(PodTemplate, { template: { spec: plain } }), context);
  expect(notes).toEqual([`${prefix}/error: Internal error occurred: failed to lookup namespace "gone"`]);
});

test.each<[string, object, readonly string[]]>([
  ['nothing', {}, []],
  [
    'unknown levels and versions',
    { defaults: { enforce: 'x', 'audit-version': '1' } },
    [
      'defaults.enforce: Invalid value: "x": must be one of privileged, baseline, restricted',
      'defaults.audit-version: Invalid value: "1": must be "latest" or "v1.x"',
    ],
  ],
  [
    'names that can not be, or are there twice',
    { exemptions: { namespaces: ['a', 'a', 'A'], runtimeClasses: ['x', 'x'], usernames: ['u', '', 'u'] } },
    [
      'exemptions.namespaces[1]: Duplicate value: "a"',
      expect.stringContaining('exemptions.namespaces[2]: Invalid value: "A": a lowercase RFC 1123 label') as string,
      'exemptions.runtimeClasses[1]: Duplicate value: "x"',
      'exemptions.usernames[1]: Invalid value: "": username must not be empty',
      'exemptions.usernames[2]: Duplicate value: "u"',
    ],
  ],
])('a configuration with %s', (_, configuration, errors) => {
  expect(podSecurityConfigurationErrors(configured(configuration)).map(fieldErrorText)).toEqual(errors);
});
