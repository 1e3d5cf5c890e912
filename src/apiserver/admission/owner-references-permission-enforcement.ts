/**
 * Who names an owner must be allowed to delete the object, and to set finalizers on an owner whose deletion it is to
 * block. Source: plugin/pkg/admission/gc.
 */
import type { OwnerReference } from '../../machinery/meta.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import type { ServedResources } from '../served-resources.ts';
import { refusal } from './refusal.ts';

/** Upstream's OwnerReferencesPermissionEnforcement. */
export function createOwnerReferencesPermissionEnforcement(resources: ServedResources): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    validate(request, context) {
      const { operation, object, old, attributes, resource } = request;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      // A kubelet's write of a status can't change the owners anyway.
      if (resource.qualified === 'pods' && attributes.subresource === 'status') return;
      const owners = ownersOf(object as unknown as ApiObject | undefined);
      if (equalJson(owners, ownersOf(old))) return;
      return check(request, context, { owners, resources });
    },
  };
}

function ownersOf(object: ApiObject | undefined): readonly OwnerReference[] {
  return object?.metadata?.ownerReferences ?? [];
}

async function check(
  request: AdmissionRequest,
  { authorizer }: AdmissionContext,
  { owners, resources }: { readonly owners: readonly OwnerReference[]; readonly resources: ServedResources },
): Promise<void> {
  const { user, group, version, resource, subresource, namespace, name } = request.attributes;
  if (request.operation === 'UPDATE') {
    const deletion = { verb: 'delete', group, version, resource, subresource, namespace, name };
    const { allowed, reason } = await authorizer.authorize(resourceAttributes(user, deletion));
    if (!allowed) throw refusal(request, `cannot set an ownerRef on a resource you can't delete: ${reason}, <nil>`);
  }
  for (const owner of owners.filter((one) => isNewlyBlocked(one, ownersOf(request.old)))) {
    for (const kind of kindsOf(owner, resources, request)) {
      const finalizing = { verb: 'update', subresource: 'finalizers', name: owner.name, ...placeOf(kind, namespace) };
      const { allowed, reason } = await authorizer.authorize(resourceAttributes(user, finalizing));
      if (allowed) continue;
      throw refusal(
        request,
        `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}, <nil>`,
      );
    }
  }
}

function isNewlyBlocked({ blockOwnerDeletion, uid }: OwnerReference, before: readonly OwnerReference[]): boolean {
  return blockOwnerDeletion === true && !before.some((one) => one.uid === uid && one.blockOwnerDeletion === true);
}

function kindsOf(
  { apiVersion, kind }: OwnerReference,
  resources: ServedResources,
  request: AdmissionRequest,
): readonly Resource[] {
  const found = resources.all().filter((resource) => resource.apiVersion === apiVersion && resource.kind === kind);
  if (found.length > 0) return found;
  throw refusal(
    request,
    `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`,
  );
}

/** An owner is in the namespace of what it owns, or in none. */
function placeOf({ group, version, plural, namespaced }: Resource, namespace: string) {
  return { group, version, resource: plural, namespace: namespaced ? namespace : '' };
}
