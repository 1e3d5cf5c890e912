/** The volume with a pod's token. Source: plugin/pkg/admission/serviceaccount's TokenVolumeSource. */
import { randomSuffix } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';
import type { Writable } from '../../machinery/schema.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Longer than an hour by a few seconds, so that these tokens can be told from others. */
const tokenSeconds = 3607;
const volumePrefix = 'kube-api-access-';

/** Mounts a token of the pod's account into every container that has nothing there. */
export function mountToken(pod: Writable<Pod>, random: Random): void {
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
