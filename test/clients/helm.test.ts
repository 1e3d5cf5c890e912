/** Upstream's helm against our API server: a chart with hooks, a CRD and an object of its kind. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Deployment } from '../../src/api/apps/deployment.ts';
import { Job } from '../../src/api/batch/job.ts';
import { ConfigMap } from '../../src/api/core/config-map.ts';
import { Node } from '../../src/api/core/node.ts';
import { Secret } from '../../src/api/core/secret.ts';
import { timestamp } from '../../src/base/clock.ts';
import { defineController, done } from '../../src/client/controller.ts';
import { allControllers } from '../../src/controllers/registry.ts';
import { fakeKubelet, testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { defineResource } from '../../src/machinery/resource.ts';
import type { ObjectKey, Resource } from '../../src/machinery/resource.ts';
import { defineStruct, struct, text } from '../../src/machinery/schema.ts';
import { unpackUpstreamClients } from '../../tools/upstream-clients.ts';
import { clientProgram } from './run-client.ts';

let cluster: HttpsCluster;
const { helm: helmPath } = unpackUpstreamClients();

/** The kind that the chart brings. */
const Gadget = defineResource({
  group: 'helm.example.com',
  version: 'v1',
  kind: 'Gadget',
  plural: 'gadgets',
  scope: 'Namespaced',
  fields: { spec: struct(2, defineStruct('GadgetSpec', { size: text(1).optional() })).optional() },
});

/** Jobs are done at once, and remembered. */
const finished: ObjectKey[] = [];
const fakeJobs = defineController({
  name: 'fake-jobs',
  for: Job,
  rbac: {},
  async reconcile(key, { cache, client, clock, signal }) {
    const job = cache.get(Job, key);
    if (!job || job.status.completionTime !== undefined) return done;
    const now = timestamp(clock.now());
    const conditions = ['SuccessCriteriaMet', 'Complete'].map((type) => ({
      type: type as 'Complete',
      status: 'True' as const,
      lastProbeTime: now,
      lastTransitionTime: now,
    }));
    const status = { startTime: now, completionTime: now, succeeded: 1, conditions };
    await client.patch(Job, key, { type: 'merge', body: { status } }, { subresource: 'status', signal });
    finished.push(key);
    return done;
  },
});

beforeAll(async () => {
  const controllers = [...allControllers({ ca: () => 'PEM' }), ...fakeKubelet({ takeUnassigned: 'node-1' }), fakeJobs];
  cluster = await httpsCluster({ controllers });
  await cluster.client.create(Node, testNode('node-1'));
  for (const [file, text] of Object.entries(chart)) {
    const path = join(cluster.directory, 'web', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose]());

describe.each([
  { how: 'patches that it makes itself', serverSide: false },
  { how: 'server-side apply', serverSide: true },
])('helm, by $how', { timeout: 180_000 }, ({ serverSide }) => {
  const namespace = `helm-${serverSide}`;
  const mode = `--server-side=${serverSide}`;
  const deployment = { namespace, name: 'rel' };
  const replicas = async () => (await cluster.client.get(Deployment, deployment)).spec.replicas;
  const size = async () => (await cluster.client.get(Gadget, deployment)).spec?.size;
  const namesOf = async (kind: Resource) =>
    (await cluster.client.list(kind, { namespace })).items.map(({ metadata }) => metadata.name);
  const ranJobs = (): readonly string[] =>
    finished.filter((job) => job.namespace === namespace).map(({ name }) => name);

  test('installs, tests, upgrades, rolls back and uninstalls a chart', async () => {
    const helm = clientProgram(helmPath, { cluster, home: namespace, always: ['--namespace', namespace] });
    const web = join(cluster.directory, 'web');
    const waiting = '--wait --timeout=60s';

    await helm.prints(`install rel ${web} ${mode} --create-namespace ${waiting}`, /^STATUS: deployed\nREVISION: 1\n/m);
    expect(ranJobs()).toEqual(['rel-before']);
    // The hook that succeeded is deleted, as it asks for; the one that says nothing about it stays.
    expect(await namesOf(Job)).toEqual([]);
    expect((await cluster.client.get(ConfigMap, { namespace, name: 'rel-hook' })).data).toEqual({ revision: '1' });
    const { status } = await cluster.client.get(Deployment, deployment);
    expect([await replicas(), status.readyReplicas, await size()]).toEqual([1, 1, 'small']);
    await helm.fails(`install rel ${web} ${mode}`, /cannot reuse a name that is still in use/);

    await helm.prints('list --no-headers', new RegExp(`^rel\\s+${namespace}\\s+1\\s.*\\sdeployed\\s+web-0\\.1\\.0`));
    await helm.prints('status rel', /^STATUS: deployed$/m);
    await helm.prints('get manifest rel', /kind: Gadget/);
    await helm.prints('test rel --timeout=60s', /TEST SUITE: +rel-test\n[^]*Phase: +Succeeded\n/);
    expect(ranJobs()).toEqual(['rel-before', 'rel-test']);

    await helm.prints(`upgrade rel ${web} ${waiting} --set replicas=3,size=big,extra=null`, /^REVISION: 2$/m);
    expect([await replicas(), await size()]).toEqual([3, 'big']);
    expect(ranJobs()).toEqual(['rel-before', 'rel-test', 'rel-before']);
    // What the chart no longer has is deleted.
    expect(await namesOf(ConfigMap)).not.toContain('rel-extra');
    await helm.fails(`upgrade rel ${web} --set size=huge`, /spec\.size: Unsupported value: "huge"/);
    await helm.prints('history rel', /^1\s.*\ssuperseded\s.*\n2\s.*\sdeployed\s.*\n3\s.*\sfailed\s.*huge/m);
    await helm.prints(`rollback rel 1 ${waiting}`, /Rollback was a success/);
    expect([await replicas(), await size()]).toEqual([1, 'small']);
    expect(await namesOf(ConfigMap)).toContain('rel-extra');

    // Somebody else's change is overwritten by patches, and protected by field ownership.
    const change = { type: 'merge', body: { spec: { replicas: 5 } } } as const;
    await cluster.client.patch(Deployment, deployment, change, { fieldManager: 'somebody' });
    const upgrade = `upgrade rel ${web} --set replicas=2`;
    if (serverSide) {
      await helm.fails(upgrade, /conflict with "somebody".*: \.spec\.replicas/);
      await helm.prints(`${upgrade} --force-conflicts`, /^STATUS: deployed$/m);
    } else {
      await helm.prints(upgrade, /^STATUS: deployed$/m);
    }
    expect(await replicas()).toBe(2);
    await helm.fails(`${upgrade} --rollback-on-failure --timeout=60s --set size=huge`, /has been rolled back/);
    expect([await replicas(), await size()]).toEqual([2, 'small']);

    await helm.prints(`uninstall rel ${waiting}`, /release "rel" uninstalled/);
    expect([await namesOf(Deployment), await namesOf(Gadget), await namesOf(Secret)]).toEqual([[], [], []]);
    await helm.fails('uninstall rel', /release: not found/);
    await helm.prints('list --no-headers', '\n');
  });
});

const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
  'values.yaml': 'replicas: 1\nsize: small\nextra: yes please\n',
  'crds/gadgets.yaml': `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.helm.example.com}
spec:
  group: helm.example.com
  scope: Namespaced
  names: {plural: gadgets, kind: Gadget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: string, enum: [small, big]}, copies: {type: integer, default: 1}}}
`,
  'templates/gadget.yaml': `
apiVersion: helm.example.com/v1
kind: Gadget
metadata: {name: {{ .Release.Name }}}
spec: {size: {{ .Values.size }}}
`,
  'templates/deployment.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app: web}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: "i:1"}]}
`,
  'templates/service.yaml': `
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: web}, ports: [{port: 80}]}
`,
  'templates/extra.yaml': `
{{- if .Values.extra }}
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-extra}
data: {text: {{ .Values.extra }}}
{{- end }}
`,
  'templates/hook.yaml': `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-hook, annotations: {helm.sh/hook: post-install}}
data: {revision: "{{ .Release.Revision }}"}
`,
  'templates/before.yaml': `
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}
`,
  'templates/test.yaml': `
apiVersion: batch/v1
kind: Job
metadata: {name: {{ .Release.Name }}-test, annotations: {helm.sh/hook: test}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "i:1"}]}}}
`,
};
