/** What the plug-ins that are configured, or ask who may do what, change, allow and refuse, in upstream's words. */
import { describe, expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { Event } from '../../api/core/event.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { decodeObject } from '../../machinery/decode.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import type { AdmissionPlugin, AdmissionRequest, Authorizer } from '../ports.ts';
import { ServedResources } from '../served-resources.ts';
import { cachedContext } from '../testing/admission-context.ts';
import { requestFor, runPlugin } from '../testing/admission-request.ts';
import type { RequestTraits } from '../testing/admission-request.ts';
import { fakeClient } from '../testing/fake-client.ts';
import { createDefaultTolerationSeconds } from './default-toleration-seconds.ts';
import { createEventRateLimit, eventRateLimitErrors } from './event-rate-limit.ts';
import { createOwnerReferencesPermissionEnforcement } from './owner-references-permission-enforcement.ts';
import { createPodNodeSelector } from './pod-node-selector.ts';
import { createPodTolerationRestriction } from './pod-toleration-restriction.ts';
import { createServiceAccountAdmission } from './service-account.ts';
import { mergeTolerations } from './tolerations.ts';

/** A name; the request; part of the object as the plug-in leaves it, or the sentence with which it refuses. */
type Case = readonly [name: string, request: AdmissionRequest, outcome: object | string];

const client = fakeClient();

function cases(plugin: AdmissionPlugin, table: readonly Case[], authorizer?: Authorizer): void {
  test.each(table)(`${plugin.name}: %s`, async (_, request, outcome) => {
    const result = runPlugin(plugin, request, cachedContext(client, authorizer));
    await (typeof outcome === 'string'
      ? expect(result).rejects.toThrow(outcome)
      : expect(result).resolves.toMatchObject(outcome));
  });
}

const stored = (resource: Resource, object: object): ApiObject =>
  decodeObject(resource, structuredClone(object)).object;
const podOf = (spec: object, metadata: object = {}): object => ({
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'c' }], ...spec },
});
const pod = (spec: object = {}, traits?: RequestTraits): AdmissionRequest => requestFor(Pod, podOf(spec), traits);
const toleration = (key: string, more: object = {}): object => ({ key, operator: 'Exists', ...more });

describe('nodes of namespaces', () => {
  const selector = 'scheduler.alpha.kubernetes.io/node-selector';
  client.put(Namespace, { metadata: { name: 'gpu', annotations: { [selector]: 'pool=gpu, disk=ssd' } } });
  client.put(Namespace, { metadata: { name: 'odd', annotations: { [selector]: 'pool in (a,b)' } } });
  client.put(Namespace, { metadata: { name: 'plain' } });
  const inGpu = { namespace: 'gpu' };
  const inPlain = { namespace: 'plain' };
  cases(
    createPodNodeSelector({
      podNodeSelectorPluginConfig: { clusterDefaultNodeSelector: 'pool=any', gpu: 'pool=gpu,disk=ssd,zone=a' },
    }),
    [
      [
        'what the namespace says',
        pod({ nodeSelector: { zone: 'a' } }, inGpu),
        { spec: { nodeSelector: { pool: 'gpu', disk: 'ssd', zone: 'a' } } },
      ],
      ['what the cluster says', pod({}, inPlain), { spec: { nodeSelector: { pool: 'any' } } }],
      [
        'something else',
        pod({ nodeSelector: { pool: 'cpu' } }, inGpu),
        'pods "p" is forbidden: pod node label selector conflicts with its namespace node label selector',
      ],
      [
        'something more',
        pod({ nodeSelector: { rack: '1' } }, inGpu),
        'pods "p" is forbidden: pod node label selector labels conflict with its namespace whitelist',
      ],
      ['what is no selector', pod({}, { namespace: 'odd' }), 'invalid selector'],
    ],
  );
});

describe('tolerations', () => {
  const annotations = {
    'scheduler.alpha.kubernetes.io/defaultTolerations': JSON.stringify([toleration('team')]),
    'scheduler.alpha.kubernetes.io/tolerationsWhitelist': JSON.stringify([toleration('team'), toleration('spot')]),
  };
  client.put(Namespace, { metadata: { name: 'team', annotations } });
  const inTeam = { namespace: 'team' };
  const burstable = { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] };
  cases(createPodTolerationRestriction({ default: [{ key: 'other' }], whitelist: [{ operator: 'Exists' }] }), [
    ['those of the namespace', pod({}, inTeam), { spec: { tolerations: [toleration('team')] } }],
    [
      'besides its own',
      pod({ tolerations: [toleration('spot', { effect: 'NoSchedule' })] }, inTeam),
      { spec: { tolerations: [toleration('spot', { effect: 'NoSchedule' }), toleration('team')] } },
    ],
    ['those of the cluster', pod({}, { namespace: 'plain' }), { spec: { tolerations: [{ key: 'other' }] } }],
    [
      'memory pressure, unless nothing is asked for',
      pod(burstable, { namespace: 'plain' }),
      {
        spec: {
          tolerations: [{ key: 'other' }, toleration('node.kubernetes.io/memory-pressure', { effect: 'NoSchedule' })],
        },
      },
    ],
    [
      'others',
      pod({ tolerations: [toleration('own')] }, inTeam),
      'pods "p" is forbidden: pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    ],
  ]);

  const seconds = (one: string, tolerationSeconds: number): object =>
    toleration(`node.kubernetes.io/${one}`, { effect: 'NoExecute', tolerationSeconds });
  cases(createDefaultTolerationSeconds({ notReady: 10, unreachable: 20 }), [
    ['as configured', pod(), { spec: { tolerations: [seconds('not-ready', 10), seconds('unreachable', 20)] } }],
    [
      'where the pod says nothing',
      pod({ tolerations: [seconds('not-ready', 1)] }),
      { spec: { tolerations: [seconds('not-ready', 1), seconds('unreachable', 20)] } },
    ],
  ]);

  test('that another one covers are left out, and of equal ones the first stays', () => {
    const wide = { key: 'a', operator: 'Exists' } as const;
    const narrow = { key: 'a', operator: 'Equal', value: 'v', effect: 'NoSchedule' } as const;
    const brief = { key: 'b', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 } as const;
    const long = { ...brief, tolerationSeconds: 50 } as const;
    expect(mergeTolerations([narrow, brief], [wide, long, brief])).toEqual([wide, long]);
    expect(mergeTolerations([narrow], [{ ...narrow, value: 'w' }])).toHaveLength(2);
    expect(mergeTolerations([narrow, brief], [{ operator: 'Exists' }])).toEqual([{ operator: 'Exists' }]);
  });
});

describe('secrets that an account does not name', () => {
  const metadata = (name: string, enforced: string): object => ({
    name,
    namespace: 'ns',
    annotations: { 'kubernetes.io/enforce-mountable-secrets': enforced },
  });
  const lists = { secrets: [{ name: 'mine' }], imagePullSecrets: [{ name: 'pull' }] };
  client.put(ServiceAccount, { metadata: metadata('strict', 'true'), ...lists });
  client.put(ServiceAccount, { metadata: metadata('lax', 'no'), ...lists });
  const env = (name: string): object => ({
    env: [{ name: 'E', valueFrom: { secretKeyRef: { name, key: 'k' } } }],
  });
  const by = (spec: object, traits?: RequestTraits): AdmissionRequest =>
    pod({ serviceAccountName: 'strict', ...spec }, traits);
  const refused = 'is not allowed because service account strict does not reference that secret';
  const mirror = (spec: object): AdmissionRequest =>
    requestFor(Pod, podOf(spec, { annotations: { 'kubernetes.io/config.mirror': 'x' } }));
  cases(createServiceAccountAdmission({ clock: new FakeClock(), random: seededRandom() }), [
    ['its own', by({ volumes: [{ name: 'v', secret: { secretName: 'mine' } }] }), {}],
    [
      'who does not mind',
      pod({ serviceAccountName: 'lax', volumes: [{ name: 'v', secret: { secretName: 'x' } }] }),
      {},
    ],
    [
      'as a volume',
      by({ volumes: [{ name: 'v', secret: { secretName: 'x' } }] }),
      `pods "p" is forbidden: volume with secret.secretName="x" ${refused}`,
    ],
    [
      'in the environment',
      by({ containers: [{ name: 'c', ...env('x') }] }),
      `container c with envVar E referencing secret.secretName="x" ${refused}`,
    ],
    [
      'of an init container',
      by({ initContainers: [{ name: 'i', envFrom: [{ secretRef: { name: 'x' } }] }] }),
      `init container i with envFrom referencing secret.secretName="x" ${refused}`,
    ],
    [
      'of a container for debugging',
      by(
        { ephemeralContainers: [{ name: 'd', ...env('x') }] },
        { operation: 'UPDATE', subresource: 'ephemeralcontainers' },
      ),
      `ephemeral container d with envVar E referencing secret.secretName="x" ${refused}`,
    ],
    [
      'to pull images',
      by({ imagePullSecrets: [{ name: 'pull' }, { name: 'x' }] }),
      'imagePullSecrets[1].name="x" is not allowed because service account strict does not reference that imagePullSecret',
    ],
    ['a mirror pod', mirror({ serviceAccountName: 'lax' }), 'a mirror pod may not reference service accounts'],
    [
      'a mirror pod with a token',
      mirror({ volumes: [{ name: 'v', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }),
      'a mirror pod may not use ServiceAccountToken volume projections',
    ],
  ]);
});

describe('permissions', () => {
  const may = (...allowed: readonly string[]): Authorizer => ({
    authorize: ({ verb, resource, subresource, namespace, name }) => {
      const asked = `${verb} ${resource}${subresource && `/${subresource}`} ${namespace}/${name}`;
      return { allowed: allowed.includes(asked), reason: '' };
    },
  });
  const owner = (kind: string, blockOwnerDeletion?: boolean): object => ({
    apiVersion: 'v1',
    kind,
    name: 'o',
    uid: `uid-${kind}`,
    ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }),
  });
  const map = (owners: readonly object[], before?: readonly object[]): AdmissionRequest => {
    const of = (ownerReferences: readonly object[]): object => ({ metadata: { name: 'm', ownerReferences } });
    const traits = before && ({ operation: 'UPDATE', old: stored(ConfigMap, of(before)) } as const);
    return requestFor(ConfigMap, of(owners), { name: 'm', ...traits });
  };
  const plugin = createOwnerReferencesPermissionEnforcement(new ServedResources([Pod, Node, ConfigMap] as Resource[]));
  cases(
    plugin,
    [
      ['a new object with an owner', map([owner('Pod')]), {}],
      ['no change', map([owner('Pod')], [owner('Pod')]), {}],
      ['owners of an object that one may delete', map([owner('Pod')], []), {}],
      ['an owner that one may finalize', map([owner('Pod', true)], []), {}],
      ['what was blocked before', map([owner('Node', true), owner('Pod')], [owner('Node', true)]), {}],
      [
        'an owner in no namespace that one may not finalize',
        map([owner('Node', true)]),
        `configmaps "m" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>`,
      ],
      [
        'an owner of no known kind',
        map([owner('Gadget', true)]),
        'cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion v1 Kind Gadget',
      ],
    ],
    may('delete configmaps ns/m', 'update pods/finalizers ns/o'),
  );
  cases(
    plugin,
    [
      [
        'owners of an object that one may not delete',
        map([owner('Pod')], []),
        `configmaps "m" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`,
      ],
    ],
    may(),
  );
});

describe('EventRateLimit', () => {
  const event = (name: string, user = 'ann', namespace = 'ns'): AdmissionRequest =>
    requestFor(
      Event,
      { metadata: { name }, involvedObject: { kind: 'Pod', name }, source: { component: 'c' } },
      { user: { name: user, groups: [] }, namespace },
    );
  const limit = async (type: string, requests: readonly AdmissionRequest[]): Promise<readonly string[]> => {
    const plugin = createEventRateLimit({ limits: [{ type, qps: 1, burst: 2, cacheSize: 2 }] }, new FakeClock());
    const outcomes: string[] = [];
    for (const request of requests) {
      outcomes.push(
        await runPlugin(plugin, request, cachedContext(client)).then(
          () => '',
          ({ message }: Error) => message,
        ),
      );
    }
    return outcomes;
  };

  test.each<[string, readonly AdmissionRequest[], string]>([
    ['Server', [event('a'), event('b', 'bob', 'x'), event('c')], 'limit reached on type Server for key '],
    ['Namespace', [event('a'), event('b'), event('c')], 'limit reached on type Namespace for key ns'],
    ['User', [event('a'), event('b'), event('c')], 'limit reached on type User for key ann'],
    ['SourceAndObject', [event('a'), event('a'), event('a')], 'limit reached on type SourceAndObject for key cPoda'],
  ])('of type %s', async (type, requests, sentence) => {
    expect(await limit(type, requests)).toEqual(['', '', `Too many requests: ${sentence}`]);
    if (type !== 'Server') {
      const others = [event('a'), event('b', 'bob', 'x'), event('a'), event('b', 'bob', 'x')];
      expect(await limit(type, others)).toEqual(['', '', '', '']);
    }
  });

  test('lets more pass as time goes by', async () => {
    const clock = new FakeClock();
    const plugin = createEventRateLimit({ limits: [{ type: 'Server', qps: 1, burst: 1 }] }, clock);
    const send = (): Promise<unknown> => runPlugin(plugin, event('a'), cachedContext(client));
    await send();
    await expect(send()).rejects.toMatchObject({ reason: 'TooManyRequests', code: 429 });
    await clock.advance(1000);
    await expect(send()).resolves.toBeDefined();
  });

  test('must be configured with limits that can be', () => {
    const errors = (limits: readonly object[]): readonly string[] =>
      eventRateLimitErrors({ limits } as never).map(({ field }) => field);
    expect(errors([])).toEqual(['limits']);
    expect(errors([{ type: 'X', qps: 0, burst: 0, cacheSize: -1 }])).toEqual([
      'limits[0].type',
      'limits[0].burst',
      'limits[0].qps',
      'limits[0].cacheSize',
    ]);
    expect(errors([{ type: 'User', qps: 1, burst: 1 }])).toEqual([]);
  });
});
