import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ClusterTrustBundle } from '../../../src/api/certificates/cluster-trust-bundle.ts';
import type { ClusterTrustBundleProjection } from '../../../src/api/core/volume.ts';
import { createAuthority } from '../../../src/machinery/x509/certificate-authority.ts';
import { expectApiOperations } from '../api-machinery/api-operations.ts';
import { appImage, kubeletCluster } from './kubelet-cluster.ts';
import type { KubeletCluster, PodSpecDraft } from './kubelet-cluster.ts';

type VolumeDraft = NonNullable<PodSpecDraft['volumes']>[number];
type ContainerDraft = PodSpecDraft['containers'][number];
type Projection = Partial<ClusterTrustBundleProjection> & { readonly path: string };

let cluster: KubeletCluster;
let roots: readonly string[];
beforeAll(async () => {
  const now = Date.now();
  [cluster, roots] = await Promise.all([
    kubeletCluster(),
    Promise.all(Array.from({ length: 110 }, async (_, i) => (await createAuthority(`root${i}`, now)).certificate)),
  ]);
});
afterAll(() => cluster[Symbol.asyncDispose]());

const about = '[sig-auth] [FeatureGate:ClusterTrustBundle] [FeatureGate:ClusterTrustBundleProjection]';
const marks = '[MinimumKubeletVersion:1.37] [Conformance]';
const folder = '/var/run/ctbtest';
const eventually = (check: () => Promise<unknown>) => expect.poll(check, { timeout: 15_000, interval: 20 });

let tests = 0;
/** Each test has signers and bundles of its own. */
let unique = '';
beforeEach(async () => {
  unique = `-t${++tests}`;
  for (let i = 0; i < 10; i++) await createInitialBundle(i);
});

const signerOne = (): string => `test.test/signer-one${unique}`;
const plainName = (): string => `test.test.signer-one.4${unique}`;

/** Ten bundles: the fourth of no signer, the fifth of another one, of the others some alive, some dead, some neither. */
async function createInitialBundle(index: number): Promise<void> {
  const alive = { 'signer.alive': 'true' };
  const labels = [6, 7].includes(index) ? { 'signer.alive': 'false' } : [0, 8, 9].includes(index) ? {} : alive;
  const signerName = index === 4 ? undefined : index === 5 ? `test.test/signer-two${unique}` : signerOne();
  const name = signerName ? `${signerName.replace('/', ':')}:${index}` : plainName();
  await createBundle(name, { signerName, trustBundle: roots[index]! }, labels);
}

async function createBundle(
  name: string,
  spec: { readonly signerName?: string | undefined; readonly trustBundle: string },
  labels: Record<string, string> = {},
): Promise<void> {
  await cluster.client.create(ClusterTrustBundle, { metadata: { name, labels }, spec });
}

const rootsOf = (...indexes: readonly number[]): string[] => indexes.map((index) => roots[index]!);

function projectedVolume(name: string, projections: readonly Projection[]): VolumeDraft {
  return { name, projected: { sources: projections.map((clusterTrustBundle) => ({ clusterTrustBundle })) } };
}

function container(name: string, volumeMounts: readonly { name: string; mountPath: string }[]): ContainerDraft {
  return { name, image: appImage, volumeMounts };
}

/** A pod with one container and one volume for each projection. */
async function createPod(name: string, ...projections: readonly Projection[]): Promise<void> {
  const containers = projections.map((_, index) =>
    container(`projected-ctb-volume-test-${index}`, [{ name: `ctb-volume-${index}`, mountPath: folder }]),
  );
  const volumes = projections.map((projection, index) => projectedVolume(`ctb-volume-${index}`, [projection]));
  await cluster.createPod(name, { restartPolicy: 'Never', containers, volumes });
}

/** That a container reads exactly these certificates, in whatever order. */
async function expectCertificates(pod: string, path: string, expected: readonly string[], of = 0): Promise<void> {
  const own = `projected-ctb-volume-test-${of}`;
  await eventually(async () => (await cluster.pod(pod)).status.phase).toBe('Running');
  const { content, mode } = await cluster.file(pod, own, path);
  const found = content.match(/-----BEGIN[^]*?END CERTIFICATE-----\n?/g) ?? [];
  expect(found).toHaveLength(expected.length);
  expect(new Set(found.map((text) => text.trim()))).toEqual(new Set(expected.map((text) => text.trim())));
  expect(mode).toBe(0o644);
  if (expected.length === 0) expect(content).toBe('');
}

test(`${about} CRUD Tests certificates.k8s.io/v1 ClusterTrustBundles ${marks}`, async () => {
  const end = new AbortController();
  const context = { cluster: cluster.cluster, client: cluster.client, namespace: 'ctb-crud', signal: end.signal };
  await expectApiOperations(context, ClusterTrustBundle, { object: { spec: { trustBundle: roots[0]! } } });
  end.abort(new Error('the test is over'));
});

test(`${about} should be able to mount a single ClusterTrustBundle by name ${marks}`, async () => {
  await createPod('by-name', { name: plainName(), path: 'trust-anchors.pem' });
  await expectCertificates('by-name', `${folder}/trust-anchors.pem`, rootsOf(4));
  await createPod('by-no-name', { name: 'does-not-exist.at.all', path: 'trust-anchors.pem', optional: true });
  await expectCertificates('by-no-name', `${folder}/trust-anchors.pem`, []);
});

test.each<[string, string, Partial<Projection>, readonly number[]]>([
  [
    'can combine multiple CTBs with signer name and label selector',
    'alive',
    { labelSelector: { matchLabels: { 'signer.alive': 'true' } } },
    [1, 2, 3],
  ],
  ['should start if only signer name and nil label selector + optional=true', 'unselected', { optional: true }, []],
  [
    'should start if only signer name and explicit label selector matches nothing + optional=true',
    'unmatched',
    { labelSelector: { matchLabels: { thismatches: 'nothing' } }, optional: true },
    [],
  ],
  ['can combine all signer CTBs with an empty label selector', 'all', { labelSelector: {} }, [0, 1, 2, 3, 6, 7, 8, 9]],
])(
  `${about} should be capable to mount multiple trust bundles by signer+labels %s ${marks}`,
  async (_, pod, projection, expected) => {
    await createPod(pod, { path: 'trust-bundle.crt', signerName: signerOne(), ...projection });
    await expectCertificates(pod, `${folder}/trust-bundle.crt`, rootsOf(...expected));
  },
);

/** That the pod waits for its volume, says why, and starts when what it lacks is there. */
async function expectPrevented(pod: string, projection: Projection, fault: string): Promise<void> {
  await createPod(pod, projection);
  await eventually(async () => cluster.events.get(pod) ?? []).toContain(
    `MountVolume.SetUp failed for volume "ctb-volume-0" : ${fault}`,
  );
  await eventually(async () => (await cluster.pod(pod)).status).toMatchObject({
    phase: 'Pending',
    conditions: expect.arrayContaining([
      expect.objectContaining({
        type: 'Ready',
        status: 'False',
        reason: 'ContainersNotReady',
        message: 'containers with unready status: [projected-ctb-volume-test-0]',
      }),
    ]),
  });
}

test(`${about} should prevent a pod from starting if: sets optional=false and no trust bundle matches query ${marks}`, async () => {
  const labels = { 'signer.alive': 'unknown' };
  await expectPrevented(
    'unmatching',
    { optional: false, path: 'trust-bundle.crt', signerName: signerOne(), labelSelector: { matchLabels: labels } },
    'combination of signerName and labelSelector matched zero ClusterTrustBundles',
  );
  const name = `${signerOne().replace('/', ':')}:late`;
  await createBundle(name, { signerName: signerOne(), trustBundle: roots[11]! }, labels);
  await expectCertificates('unmatching', `${folder}/trust-bundle.crt`, rootsOf(11));
});

test(`${about} should prevent a pod from starting if: sets optional=false and the configured CTB does not exist ${marks}`, async () => {
  await expectPrevented(
    'nonexistent',
    { optional: false, path: 'trust-bundle.crt', name: 'does-not-exist' },
    'while getting ClusterTrustBundle: clustertrustbundle.certificates.k8s.io "does-not-exist" not found',
  );
  await createBundle('does-not-exist', { trustBundle: roots[12]! });
  await expectCertificates('nonexistent', `${folder}/trust-bundle.crt`, rootsOf(12));
});

test(`${about} should be able to specify multiple CTB volumes ${marks}`, async () => {
  const labelSelector = { matchLabels: { 'signer.alive': 'false' } };
  await createPod(
    'multiple',
    { name: plainName(), path: 'trust-anchors.pem' },
    { signerName: signerOne(), labelSelector, path: 'trust-bundle.crt' },
  );
  await expectCertificates('multiple', `${folder}/trust-anchors.pem`, rootsOf(4), 0);
  await expectCertificates('multiple', `${folder}/trust-bundle.crt`, rootsOf(6, 7), 1);
});

test(`${about} should be able to mount a big number (>100) of CTBs ${marks}`, async () => {
  const signerName = `test.test/signer-hundreds${unique}`;
  const nameOf = (index: number): string => `test.test:signer-hundreds${unique}:${index}`;
  await Promise.all(roots.map((trustBundle, index) => createBundle(nameOf(index), { signerName, trustBundle })));
  const projections = roots.map((_, index) => ({ name: nameOf(index), path: `trust-anchors-${index}.pem` }));
  const own = 'projected-ctb-volume-test-0';
  await cluster.createPod('one-volume', {
    containers: [container(own, [{ name: 'ctb-volume', mountPath: folder }])],
    volumes: [projectedVolume('ctb-volume', projections)],
  });
  for (const index of [0, 77, 109])
    await expectCertificates('one-volume', `${folder}/trust-anchors-${index}.pem`, rootsOf(index));
  const mounts = projections.map((_, index) => ({ name: `ctb-volume-${index}`, mountPath: `${folder}-${index}` }));
  await cluster.createPod('many-volumes', {
    containers: [container(own, mounts)],
    volumes: projections.map((projection, index) => projectedVolume(`ctb-volume-${index}`, [projection])),
  });
  for (const index of [0, 77, 109])
    await expectCertificates('many-volumes', `${folder}-${index}/trust-anchors-${index}.pem`, rootsOf(index));
  await createPod('one-file', { signerName, labelSelector: {}, path: 'trust-anchors.pem' });
  await expectCertificates('one-file', `${folder}/trust-anchors.pem`, roots);
});

test('a pod that runs sees what becomes of the bundles that it shows', async () => {
  await createPod(
    'running',
    { name: plainName(), path: 'a.pem' },
    { signerName: signerOne(), labelSelector: {}, path: 'b.pem' },
  );
  await expectCertificates('running', `${folder}/a.pem`, rootsOf(4), 0);
  const body = { spec: { trustBundle: `${roots[20]}${roots[21]}` } };
  await cluster.client.patch(ClusterTrustBundle, { name: plainName() }, { type: 'merge', body });
  await cluster.client.delete(ClusterTrustBundle, { name: `${signerOne().replace('/', ':')}:1` });
  const count = async (of: number, file: string): Promise<number> => {
    const { content } = await cluster.file('running', `projected-ctb-volume-test-${of}`, `${folder}/${file}`);
    return content.split('BEGIN CERTIFICATE').length - 1;
  };
  await eventually(async () => [await count(0, 'a.pem'), await count(1, 'b.pem')]).toEqual([2, 7]);
  await expectCertificates('running', `${folder}/a.pem`, rootsOf(20, 21), 0);
  await expectCertificates('running', `${folder}/b.pem`, rootsOf(0, 2, 3, 6, 7, 8, 9), 1);
});
