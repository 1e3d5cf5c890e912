import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalSubjectAccessReview } from '../../../src/api/authorization/local-subject-access-review.ts';
import { SubjectAccessReview } from '../../../src/api/authorization/subject-access-review.ts';
import { Namespace } from '../../../src/api/core/namespace.ts';
import { ServiceAccount } from '../../../src/api/core/service-account.ts';
import { Role } from '../../../src/api/rbac/role.ts';
import { RoleBinding } from '../../../src/api/rbac/role-binding.ts';
import { httpsCluster } from '../../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../../src/distro/testing/https-cluster.ts';

const namespace = 'subjects';
const user = `system:serviceaccount:${namespace}:reader`;
let cluster: HttpsCluster;
beforeAll(async () => {
  cluster = await httpsCluster();
  const { client } = cluster;
  await client.create(Namespace, { metadata: { name: namespace } });
  await client.create(ServiceAccount, { metadata: { name: 'reader', namespace } });
});
afterAll(() => cluster[Symbol.asyncDispose]());

test('[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]', async () => {
  const { client } = cluster;
  const resourceAttributes = { verb: 'list', resource: 'pods', namespace, version: 'v1' };
  const groups = ['system:authenticated'];
  const reviewed = async (): Promise<readonly (boolean | undefined)[]> => {
    const spec = { user, groups, resourceAttributes };
    const anywhere = await client.create(SubjectAccessReview, { metadata: {}, spec });
    const local = await client.create(LocalSubjectAccessReview, { metadata: { namespace }, spec });
    const self = (await client.json({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      headers: { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' },
      body: JSON.stringify({ spec: { resourceAttributes } }),
    })) as Pick<typeof anywhere, 'status'>;
    return [anywhere, local, self].map(({ status }) => status?.allowed);
  };
  expect(await reviewed()).toEqual([false, false, false]);
  const metadata = { name: 'readers', namespace };
  await client.create(Role, { metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] });
  await client.create(RoleBinding, {
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
  });
  expect(await reviewed()).toEqual([true, true, true]);
});
