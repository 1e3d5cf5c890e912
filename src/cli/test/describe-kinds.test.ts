/** Our kubectl and upstream's describe objects of further kinds in the same words. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samples } from '../../api/testing/sample-objects.ts';
import { startTestCluster } from './test-cluster.ts';
import type { TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
const objects = readFileSync(new URL('./describe-objects.yaml', import.meta.url), 'utf8');
const request = 'certificatesigningrequests.certificates.k8s.io';

beforeAll(async () => {
  cluster = await startTestCluster();
  writeFileSync(join(cluster.directory, 'objects.yaml'), objects);
  expect(await cluster.ours(['create', '-f', 'objects.yaml'])).toMatchObject({ code: 0, stderr: '' });
  const csr = samples().find(({ resource }) => resource.qualified === request);
  if (csr) await cluster.client.create(csr.resource, csr.object);
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

test.each([
  'ing/full',
  'ing/plain',
  'ingressclass/nginx',
  'ingressclass/bare',
  'netpol/full',
  'netpol/closed',
  'netpol/out',
  'ip/10.96.3.3',
  'servicecidr/more',
  'servicecidr/kubernetes',
  'sc/fast',
  'sc/slow',
  'vac/gold',
  'csinode/node-1',
  'csinode/node-2',
  'pc/high',
  'csr/sample',
  'flowschema/mine',
  'prioritylevelconfiguration/catch-all',
  'podtemplate/addressed',
])('describe %s', async (what) => {
  const [theirs, ours] = await Promise.all([cluster.theirs(['describe', what]), cluster.ours(['describe', what])]);
  expect(ours).toEqual(theirs);
  expect(ours.code).toBe(0);
});
