/** The objects that a pod refers to: its kubelet may read them, and they are in use. Source: kubernetes' pkg/api/v1/pod and persistentvolume. */
import type { Container, EphemeralContainer } from './container.ts';
import type { PersistentVolume } from './persistent-volume.ts';
import type { Pod } from './pod.ts';
import type { Volume } from './volume.ts';

/** Names of objects in the pod's namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
}

/** Gathers what a pod refers to, in whichever of its parts. */
export function podReferences(pod: Pod): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const { spec } = pod;
  for (const { name } of spec.imagePullSecrets ?? []) note(secrets, name);
  for (const container of [
    ...(spec.initContainers ?? []),
    ...spec.containers,
    ...(spec.ephemeralContainers ?? []),
  ] as readonly (Container | EphemeralContainer)[]) {
    for (const { secretRef, configMapRef } of container.envFrom ?? []) {
      note(secrets, secretRef?.name);
      note(configMaps, configMapRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      note(secrets, valueFrom?.secretKeyRef?.name);
      note(configMaps, valueFrom?.configMapKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) gatherFromVolume(volume, secrets, configMaps);
  return { secrets, configMaps, claims: claimsOf(pod), resourceClaims: resourceClaimsOf(pod) };
}

/** Every kind of volume names its secret in one of three ways. */
interface SecretNaming {
  readonly secretName?: string | undefined;
  readonly secretRef?: { readonly name?: string | undefined } | undefined;
  readonly nodePublishSecretRef?: { readonly name?: string | undefined } | undefined;
}

function gatherFromVolume(volume: Volume, secrets: Set<string>, configMaps: Set<string>): void {
  note(configMaps, volume.configMap?.name);
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    note(secrets, secret?.name);
    note(configMaps, configMap?.name);
  }
  for (const source of Object.values(volume)) {
    if (typeof source !== 'object') continue;
    const { secretName, secretRef, nodePublishSecretRef } = source as SecretNaming;
    note(secrets, secretName);
    note(secrets, secretRef?.name);
    note(secrets, nodePublishSecretRef?.name);
  }
}

function claimsOf({ metadata, spec }: Pod): ReadonlySet<string> {
  const claims = new Set<string>();
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    note(claims, persistentVolumeClaim?.claimName);
    if (ephemeral) claims.add(ephemeralClaimName(metadata.name, name));
  }
  return claims;
}

/** The claim of an ephemeral volume. */
export function ephemeralClaimName(pod: string, volume: string): string {
  return `${pod}-${volume}`;
}

function resourceClaimsOf({ spec, status }: Pod): ReadonlySet<string> {
  const claims = new Set<string>();
  for (const { name, resourceClaimName } of spec.resourceClaims ?? []) {
    note(claims, resourceClaimName);
    if (resourceClaimName !== undefined) continue;
    note(claims, status.resourceClaimStatuses?.find((made) => made.name === name)?.resourceClaimName);
  }
  note(claims, status.extendedResourceClaimStatus?.resourceClaimName);
  return claims;
}

function note(names: Set<string>, name: string | undefined): void {
  if (name) names.add(name);
}

interface NamedSecret {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** The secrets, as `namespace/name`, that a kubelet needs to mount a volume. Those for controllers are none of its business. */
export function volumeSecrets({ spec }: PersistentVolume): readonly string[] {
  const namespace = spec.claimRef?.namespace ?? '';
  const { azureFile, csi } = spec;
  const named: (NamedSecret | undefined)[] = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    ...(csi ? [csi.nodePublishSecretRef, csi.nodeStageSecretRef, csi.nodeExpandSecretRef] : []),
    ...Object.values(spec).map((source) =>
      typeof source === 'object' ? (source as { readonly secretRef?: NamedSecret }).secretRef : undefined,
    ),
  ];
  return named.flatMap((secret) => (secret?.name ? [`${secret.namespace || namespace}/${secret.name}`] : []));
}
