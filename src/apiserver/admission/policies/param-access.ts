/**
 * Who writes a policy sees what it is given as parameters, in its messages: nobody makes a policy look at what they may not
 * read. Source: kubernetes' registry/admissionregistration, authz.go of policies and bindings.
 */
import { MutatingAdmissionPolicyBinding } from '../../../api/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingAdmissionPolicy } from '../../../api/admissionregistration/mutating-admission-policy.ts';
import type { ParamRef } from '../../../api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../api/admissionregistration/validating-admission-policy-binding.ts';
import type { ParamKind } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicy } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { andThen } from '../../../base/and-then.ts';
import { forbidden } from '../../../machinery/field-error.ts';
import { equalJson } from '../../../machinery/patch/equal-json.ts';
import type { Resource } from '../../../machinery/resource.ts';
import { systemMasters } from '../../authentication/users.ts';
import { resourceAttributes } from '../../authorization/attributes.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest, Authorizer } from '../../ports.ts';
import { invalidError } from '../../resources/api-errors.ts';
import type { ServedResources } from '../../served-resources.ts';

/** The policy of a binding, by the binding's kind. */
const policyOf: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  [ValidatingAdmissionPolicyBinding.qualified, ValidatingAdmissionPolicy],
  [MutatingAdmissionPolicyBinding.qualified, MutatingAdmissionPolicy],
]);

/** Of policies and of bindings. */
interface Spec {
  readonly paramKind?: ParamKind | undefined;
  readonly paramRef?: ParamRef | undefined;
  readonly policyName?: string | undefined;
}

/** What a policy or binding makes readable, and what is said to who may not read it. */
interface Exposed {
  readonly kind: ParamKind | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly problem: string;
}

/** Makes the check; it runs with admission, since it needs the object and the user. */
export function createParamAccessCheck(authorizer: Authorizer, resources: ServedResources): AdmissionPlugin {
  return {
    name: 'PolicyParamCheck',
    concerns: [ValidatingAdmissionPolicy.qualified, MutatingAdmissionPolicy.qualified, ...policyOf.keys()],
    validate(request, context) {
      const { attributes, operation, object, resource } = request;
      if (!object || (operation !== 'CREATE' && operation !== 'UPDATE') || attributes.subresource !== '') return;
      const exposed = exposedBy(request, context);
      if (!exposed || attributes.user.groups.includes(systemMasters)) return;
      const { namespace, name, field, problem } = exposed;
      const read = resourceAttributes(attributes.user, {
        verb: 'get',
        ...placeOf(exposed, resources),
        namespace,
        name,
      });
      return andThen(authorizer.authorize(read), ({ allowed }) => {
        if (allowed) return;
        const text = `user ${JSON.stringify(attributes.user.name)} ${problem}`;
        throw invalidError(resource, attributes.name, [forbidden(field, text)]);
      });
    },
  };
}

/** Undefined where nothing is, or nothing more than before. */
function exposedBy({ object, old, resource }: AdmissionRequest, context: AdmissionContext): Exposed | undefined {
  const { paramKind, paramRef, policyName = '' } = specOf(object);
  const before = specOf(old);
  const policy = policyOf.get(resource.qualified);
  if (!policy) {
    if (!paramKind || equalJson(paramKind, before.paramKind)) return undefined;
    const { kind = '', apiVersion = '' } = paramKind;
    const problem = `must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`;
    return { kind: paramKind, namespace: '*', name: '*', field: 'spec.paramKind', problem };
  }
  if (!paramRef || (equalJson(paramRef, before.paramRef) && policyName === before.policyName)) return undefined;
  return {
    kind: specOf(context.find(policy, { name: policyName })).paramKind,
    namespace: paramRef.namespace ?? '',
    name: paramRef.name ?? '',
    field: 'spec.paramRef',
    problem: 'does not have "get" permission on the object referenced by paramRef',
  };
}

function specOf(object: unknown): Spec {
  return ((object ?? {}) as { readonly spec?: Spec }).spec ?? {};
}

/** What is not known is anything. */
function placeOf(
  { kind }: Exposed,
  resources: ServedResources,
): { readonly group: string; readonly version: string; readonly resource: string } {
  if (!kind) return { group: '*', version: '*', resource: '*' };
  const { apiVersion = '' } = kind;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  const served = resources.all().find((one) => one.apiVersion === apiVersion && one.kind === kind.kind);
  return { group: group ?? '', version: version ?? '', resource: served?.plural ?? '*' };
}
