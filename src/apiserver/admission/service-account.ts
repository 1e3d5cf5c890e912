/** Gives every pod a service account, its credentials and its image pull secrets. */
import type { Clock } from '../../base/clock.ts';
import { StatusError, hasReason } from '../../base/errors.ts';
import { randomSuffix } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** Longer than an hour by a few seconds, so that these tokens can be told from others. */
const tokenSeconds = 3607;

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
    async admit(request, { client, find }) {
      const pod = admittedPod(request);
      if (!pod || request.operation !== 'CREATE') return;
      if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return refuseCredentials(request, pod);
      const name = (pod.spec.serviceAccountName ||= 'default');
      pod.spec.serviceAccount = name;
      const account = await findAccount(request, name, { client, find, clock });
      const automount = pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
      if (automount) mountToken(pod, random);
      if ((pod.spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
      }
    },
  };
}

/** A static pod's kubelet could otherwise get at any account's secrets. */
function refuseCredentials(request: AdmissionRequest, { spec }: Writable<Pod>): void {
  if (spec.serviceAccountName) throw refusal(request, 'a mirror pod may not reference service accounts');
  for (const { secret, projected } of spec.volumes ?? []) {
    if (secret) throw refusal(request, 'a mirror pod may not reference secrets');
    if (projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken)) {
      throw refusal(request, 'a mirror pod may not use ServiceAccountToken volume projections');
    }
  }
}

async function findAccount(
  request: AdmissionRequest,
  name: string,
  { client, find, clock }: Pick<AdmissionContext, 'client' | 'find'> & { readonly clock: Clock },
): Promise<ServiceAccount> {
  const { namespace } = request.attributes;
  const known = find(ServiceAccount, { namespace, name });
  if (known) return known;
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

const volumePrefix = 'kube-api-access-';

function mountToken(pod: Writable<Pod>, random: Random): void {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const needing = containers.filter(
    ({ volumeMounts }) => !volumeMounts?.some((mount) => mount.mountPath === mountPath),
  );
  if (needing.length === 0) return;
  const volumes = (pod.spec.volumes ??= []);
  // There is one already if these containers came later, by a webhook.
  const known = volumes.find((volume) => volume.name.startsWith(volumePrefix));
  const name = known?.name ?? freeName(volumes, random);
  if (!known) volumes.push(tokenVolume(name));
  for (const container of needing) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
  }
}

function freeName(volumes: readonly Pick<Volume, 'name'>[], random: Random): string {
  for (;;) {
    const name = volumePrefix + randomSuffix(random);
    if (!volumes.some((volume) => volume.name === name)) return name;
  }
}

function tokenVolume(name: string): Writable<Volume> {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
