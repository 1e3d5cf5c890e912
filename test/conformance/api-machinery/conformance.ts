import { test } from 'vitest';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import { testNode, fakeKubelet } from '../../../src/distro/testing/fake-kubelet.ts';
import { allControllers } from '../../../src/controllers/registry.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { Node } from '../../../src/api/core/node.ts';
import type { ApiMachineryName } from './names.ts';

/** A cluster, and a namespace of the test's own, as upstream's tests have it. */
export interface Conformance {
  readonly cluster: HttpsCluster;
  readonly client: HttpsCluster['client'];
  readonly namespace: string;
  /** Ends with the test. */
  readonly signal: AbortSignal;
}

let shared: Promise<HttpsCluster> | undefined;
let namespaces = 0;

/** A test under upstream's name, over HTTPS, on a cluster that the tests of a file share. */
export function conformance(name: ApiMachineryName, run: (context: Conformance) => Promise<void>): void {
  test(`[sig-api-machinery] ${name} [Conformance]`, async () => {
    const cluster = await (shared ??= startCluster());
    const namespace = `conformance-${++namespaces}`;
    await cluster.client.create(Namespace, { metadata: { name: namespace, labels: { 'e2e-run': namespace } } });
    const end = new AbortController();
    try {
      await run({ cluster, client: cluster.client, namespace, signal: end.signal });
    } finally {
      end.abort(new Error('the test is over'));
    }
  });
}

async function startCluster(): Promise<HttpsCluster> {
  const controllers = [...allControllers({ ca: () => 'PEM' }), ...fakeKubelet({ takeUnassigned: 'node-1' })];
  const cluster = await httpsCluster({ controllers });
  await cluster.client.create(Node, testNode('node-1'));
  return cluster;
}

/** Ends the shared cluster: `afterAll(stopCluster)` in each file. */
export async function stopCluster(): Promise<void> {
  await (await shared)?.[Symbol.asyncDispose]();
  shared = undefined;
}

/** Waits until `check` no longer throws; throws its last failure after `seconds`. */
export async function eventually<T>(check: () => Promise<T> | T, seconds = 15): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
