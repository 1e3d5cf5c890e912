/** Gives every pod a service account, its credentials and its image pull secrets. Source: plugin/pkg/admission/serviceaccount. */
import type { Clock } from '../../base/clock.ts';
import { StatusError, hasReason } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { Pod } from '../../api/core/pod.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { secretFault } from './mountable-secrets.ts';
import { refusal } from './refusal.ts';
import { mountToken } from './token-volume.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** The account `default` of a new namespace comes a moment after the namespace. */
const attempts = 10;
const attemptMs = 250;

/** Upstream's ServiceAccount. */
export function createServiceAccountAdmission({
  clock,
  random,
}: {
  readonly clock: Clock;
  readonly random: Random;
}): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    concerns: [Pod.qualified],
    admit(request, context) {
      const pod = request.operation === 'CREATE' ? admittedPod(request) : undefined;
      // A mirror pod stays as its kubelet has it: what it may not have, `validate` says.
      if (!pod || isMirror(pod)) return;
      const name = (pod.spec.serviceAccountName ||= 'default');
      pod.spec.serviceAccount = name;
      const known = context.find(ServiceAccount, { namespace: request.attributes.namespace, name });
      if (known) return complete(pod, known, random);
      return findAccount(request, name, { context, clock }).then((account) => complete(pod, account, random));
    },
    validate(request, context) {
      const { operation, attributes, resource } = request;
      const isDebugged = operation === 'UPDATE' && attributes.subresource === 'ephemeralcontainers';
      const isNew = operation === 'CREATE' && attributes.subresource === '';
      if (resource.qualified !== Pod.qualified || !(isNew || isDebugged)) return;
      const pod = request.object as unknown as Pod;
      if (isNew && isMirror(pod)) return refuseCredentials(request, pod);
      const { namespace } = attributes;
      const name = pod.spec.serviceAccountName;
      if (!name) throw refusal(request, `no service account specified for pod ${namespace}/${pod.metadata.name}`);
      const known = context.find(ServiceAccount, { namespace, name });
      if (known) return refuseSecrets(request, pod, known);
      return findAccount(request, name, { context, clock }).then((found) => refuseSecrets(request, pod, found));
    },
  };
}

function isMirror({ metadata }: Pick<Pod, 'metadata'>): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined;
}

function complete(pod: Writable<Pod>, account: ServiceAccount, random: Random): void {
  const automount = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (automount) mountToken(pod, random);
  if ((pod.spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets?.length) {
    pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  }
}

/** A static pod's kubelet could otherwise get at any account's secrets. */
function refuseCredentials(request: AdmissionRequest, { spec }: Pod): void {
  if (spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  for (const { secret, projected } of spec.volumes ?? []) {
    if (secret) throw refusal(request, 'a mirror pod may not reference secrets');
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken)) {
      throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  }
}

function refuseSecrets(request: AdmissionRequest, pod: Pod, account: ServiceAccount): void {
  const fault = secretFault(pod, account, request.operation === 'UPDATE' ? 'ephemeral' : 'all');
  if (fault !== undefined) throw refusal(request, fault);
}

async function findAccount(
  request: AdmissionRequest,
  name: string,
  { context: { client }, clock }: { readonly context: AdmissionContext; readonly clock: Clock },
): Promise<ServiceAccount> {
  const { namespace } = request.attributes;
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.get(ServiceAccount, { namespace, name });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      if (name === 'default' && attempt < attempts) await clock.sleep(attemptMs);
      else {
        const missing = `serviceaccount ${JSON.stringify(name)} not found`;
        const { message, details } = refusal(
          request,
          `error looking up service account ${namespace}/${name}: ${missing}`,
        );
        throw new StatusError('Forbidden', message, { details, cause: error });
      }
    }
  }
}
