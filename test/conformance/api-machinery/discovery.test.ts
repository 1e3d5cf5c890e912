import { afterAll, expect } from 'vitest';
import { conformance, stopCluster } from './conformance.ts';
import { customDefinition } from './custom-definition.ts';
import type { Conformance } from './conformance.ts';

afterAll(stopCluster);

interface GroupVersion {
  readonly groupVersion: string;
  readonly version: string;
}

interface ApiGroup {
  readonly name: string;
  readonly versions: readonly GroupVersion[];
  readonly preferredVersion: GroupVersion;
}

interface DiscoveredResource {
  readonly name?: string;
  readonly resource?: string;
  readonly verbs: readonly string[];
}

interface DiscoveredGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly freshness: string;
    readonly resources: readonly DiscoveredResource[];
  }[];
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

async function groups({ client }: Conformance): Promise<readonly ApiGroup[]> {
  return ((await client.json({ path: '/apis' })) as { readonly groups: readonly ApiGroup[] }).groups;
}

async function discover({ client }: Conformance, path: string): Promise<readonly DiscoveredGroup[]> {
  const response = await client.request({ path, headers: { accept: aggregated } });
  expect(response.headers['content-type']).toBe(aggregated.replace('application/json', 'application/json'));
  const chunks: Buffer[] = [];
  for await (const chunk of response.body) chunks.push(chunk as Buffer);
  const list = JSON.parse(Buffer.concat(chunks).toString()) as { kind: string; items: readonly DiscoveredGroup[] };
  expect(list.kind).toBe('APIGroupDiscoveryList');
  return list.items;
}

conformance('Discovery should validate PreferredVersion for each APIGroup', async (context) => {
  const all = await groups(context);
  expect(all.length).toBeGreaterThan(15);
  for (const { name, versions, preferredVersion } of all) {
    const group = (await context.client.json({ path: `/apis/${name}` })) as ApiGroup;
    expect(group.preferredVersion).toEqual(preferredVersion);
    expect(versions.map(({ groupVersion }) => groupVersion)).toContain(preferredVersion.groupVersion);
  }
});

conformance('Discovery should locate the groupVersion and a resource within each APIGroup', async (context) => {
  const wanted: readonly (readonly [group: string, version: string, resource: string])[] = [
    ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
    ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
    ['apiregistration.k8s.io', 'v1', 'apiservices'],
    ['apps', 'v1', 'deployments'],
    ['authentication.k8s.io', 'v1', 'tokenreviews'],
    ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
    ['autoscaling', 'v1', 'horizontalpodautoscalers'],
    ['autoscaling', 'v2', 'horizontalpodautoscalers'],
    ['batch', 'v1', 'jobs'],
    ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
    ['coordination.k8s.io', 'v1', 'leases'],
    ['discovery.k8s.io', 'v1', 'endpointslices'],
    ['events.k8s.io', 'v1', 'events'],
    ['networking.k8s.io', 'v1', 'ingresses'],
    ['node.k8s.io', 'v1', 'runtimeclasses'],
    ['policy', 'v1', 'poddisruptionbudgets'],
    ['scheduling.k8s.io', 'v1', 'priorityclasses'],
    ['storage.k8s.io', 'v1', 'csinodes'],
  ];
  const all = await groups(context);
  for (const [name, version, resource] of wanted) {
    const group = all.find((one) => one.name === name);
    expect(group?.versions.map((one) => one.version)).toContain(version);
    const path = `/apis/${name}/${version}`;
    const { resources } = (await context.client.json({ path })) as { readonly resources: DiscoveredResource[] };
    expect(resources.map((one) => one.name)).toContain(resource);
  }
});

conformance('AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers', async (context) => {
  for (const path of ['/api', '/apis']) {
    const items = await discover(context, path);
    expect(items.length).toBeGreaterThan(0);
    const response = await context.client.request({ path, headers: { accept: 'application/json' } });
    expect(response.headers['content-type']).toBe('application/json');
    response.body.resume();
  }
});

conformance('AggregatedDiscovery should support aggregated discovery interface', async (context) => {
  const named = await discover(context, '/apis');
  const [core] = await discover(context, '/api');
  const resources = (group: DiscoveredGroup | undefined, version: string): readonly (string | undefined)[] =>
    group?.versions.find((one) => one.version === version)?.resources.map(({ resource }) => resource) ?? [];
  const inGroup = (name: string) => named.find(({ metadata }) => metadata.name === name);
  expect(resources(core, 'v1')).toEqual(expect.arrayContaining(['namespaces', 'pods']));
  expect(resources(inGroup('apps'), 'v1')).toContain('deployments');
  expect(resources(inGroup('apiextensions.k8s.io'), 'v1')).toContain('customresourcedefinitions');
  expect(resources(inGroup('apiregistration.k8s.io'), 'v1')).toContain('apiservices');
  for (const { versions } of named) for (const { freshness } of versions) expect(freshness).toBe('Current');
});

async function seesCustomKind(context: Conformance): Promise<void> {
  await using definition = await customDefinition(context);
  const { group, plural } = definition;
  const found = (await discover(context, '/apis')).find(({ metadata }) => metadata.name === group);
  expect(found?.versions[0]?.resources.map(({ resource }) => resource)).toEqual([plural]);
  await definition.remove();
  expect((await discover(context, '/apis')).find(({ metadata }) => metadata.name === group)).toBeUndefined();
}

conformance('AggregatedDiscovery should support aggregated discovery interface for CRDs', seesCustomKind);
conformance('AggregatedDiscovery should support raw aggregated discovery request for CRDs', seesCustomKind);

conformance('server version should find the server version', async ({ client }) => {
  const version = (await client.json({ path: '/version' })) as { readonly major: string; readonly minor: string };
  expect(version.major).toMatch(/^\d+$/);
  expect(version.minor).toMatch(/^\d+\+?$/);
});

conformance(
  'Servers with support for Table transformation should return a 406 for a backend which does not implement metadata',
  async ({ client }) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const body = JSON.stringify({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { namespace: 'default', verb: 'get', resource: 'pods' } },
    });
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    };
    await expect(client.request({ method: 'POST', path, headers, body })).rejects.toMatchObject({ code: 406 });
  },
);
