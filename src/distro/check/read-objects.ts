import { MutatingWebhookConfiguration } from '../../api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhookConfiguration } from '../../api/admissionregistration/validating-webhook-configuration.ts';
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { Service } from '../../api/core/service.ts';
import { NetworkPolicy } from '../../api/networking/network-policy.ts';
import { ClusterRoleBinding } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRole } from '../../api/rbac/cluster-role.ts';
import { RoleBinding } from '../../api/rbac/role-binding.ts';
import { Role } from '../../api/rbac/role.ts';
import type { Client } from '../../client/client.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { ObjectFacts } from './facts.ts';

/** Reads the objects that checks look at. Throws StatusError when they may not be read. */
export async function readObjects(client: Client): Promise<ObjectFacts> {
  const all = async <T, D>(resource: Resource<T, D>): Promise<readonly T[]> => (await client.list(resource)).items;
  return {
    namespaces: await all(Namespace),
    pods: await all(Pod),
    services: await all(Service),
    serviceAccounts: await all(ServiceAccount),
    clusterRoles: await all(ClusterRole),
    clusterRoleBindings: await all(ClusterRoleBinding),
    roles: await all(Role),
    roleBindings: await all(RoleBinding),
    networkPolicies: await all(NetworkPolicy),
    mutatingWebhooks: await all(MutatingWebhookConfiguration),
    validatingWebhooks: await all(ValidatingWebhookConfiguration),
  };
}
