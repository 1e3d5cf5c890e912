import { afterAll, beforeAll, describe } from 'vitest';
import { Node } from '../../src/api/core/node.ts';
import { allControllers } from '../../src/controllers/registry.ts';
import { fakeKubelet, testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { kubectlVersions, upstreamKubectl } from '../../tools/upstream-clients.ts';
import { clientProgram } from './run-client.ts';
import type { ClientProgram } from './run-client.ts';

/** A version of upstream's kubectl, on a cluster that all versions of a test file share. */
export interface VersionedKubectl {
  /** Such as 36 for 1.36. */
  readonly minor: number;
  /** What names of the version's own objects begin with. */
  readonly prefix: string;
  cluster(): HttpsCluster;
  /** The namespace of a test, made by kubectl itself, and kubectl working in it. */
  inNamespace(topic: string): Promise<ClientProgram>;
}

/** Declares tests once for every version; a cluster with controllers and a pretended kubelet runs beneath them. */
export function describeKubectls(declare: (kubectl: VersionedKubectl) => void): void {
  let cluster: HttpsCluster;
  beforeAll(async () => {
    const controllers = [...allControllers({ ca: () => 'PEM' }), ...fakeKubelet({ takeUnassigned: 'node-1' })];
    cluster = await httpsCluster({ controllers });
    await cluster.client.create(Node, testNode('node-1'));
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  describe.each(kubectlVersions)('kubectl %s', { concurrent: true, timeout: 120_000 }, (version) => {
    const minor = Number(version.split('.')[1]);
    const prefix = `v${minor}`;
    const program = (always: readonly string[]): ClientProgram =>
      clientProgram(upstreamKubectl(version), { cluster, home: prefix, always });
    declare({
      minor,
      prefix,
      cluster: () => cluster,
      async inNamespace(topic) {
        const namespace = `${prefix}-${topic}`;
        await program([]).prints(['create', 'namespace', namespace], `namespace/${namespace} created\n`);
        return program(['--namespace', namespace]);
      },
    });
  });
}
