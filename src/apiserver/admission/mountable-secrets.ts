/**
 * Accounts may say that their pods get at no other secrets than they name. Source: limitSecretReferences in
 * plugin/pkg/admission/serviceaccount.
 */
import type { Pod } from '../../api/core/pod.ts';
import type { ServiceAccount } from '../../api/core/service-account.ts';

const annotation = 'kubernetes.io/enforce-mountable-secrets';
/** What Go's strconv.ParseBool takes for true. */
const isTrue: readonly (string | undefined)[] = ['1', 't', 'T', 'TRUE', 'true', 'True'];

const kinds = [
  ['initContainers', 'init container'],
  ['containers', 'container'],
] as const;

/** Which secret a pod may not have of its account; undefined when it may have all. `ephemeral`: in these containers only. */
export function secretFault(pod: Pod, account: ServiceAccount, where: 'all' | 'ephemeral'): string | undefined {
  const { name: accountName, annotations } = account.metadata;
  if (!isTrue.includes(annotations?.[annotation])) return undefined;
  const mountable = new Set((account.secrets ?? []).map(({ name }) => name));
  const refused = `is not allowed because service account ${accountName} does not reference that`;
  const { spec } = pod;
  if (where === 'ephemeral') {
    return faultOf(containerReferences(spec.ephemeralContainers ?? [], 'ephemeral container'));
  }
  return faultOf(references()) ?? pullFault();

  function* references(): Generator<Reference> {
    for (const { secret } of spec.volumes ?? []) {
      if (secret) yield { secret: secret.secretName ?? '', by: 'volume with' };
    }
    for (const [field, kind] of kinds) yield* containerReferences(spec[field] ?? [], kind);
  }

  function faultOf(all: Iterable<Reference>): string | undefined {
    for (const { secret, by } of all) {
      if (!mountable.has(secret)) return `${by} secret.secretName=${JSON.stringify(secret)} ${refused} secret`;
    }
    return undefined;
  }

  function pullFault(): string | undefined {
    const pullable = new Set((account.imagePullSecrets ?? []).map(({ name }) => name));
    const index = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pullable.has(name));
    if (index < 0) return undefined;
    const name = JSON.stringify(spec.imagePullSecrets?.[index]?.name ?? '');
    return `imagePullSecrets[${index}].name=${name} ${refused} imagePullSecret`;
  }
}

/** That something needs a secret. */
interface Reference {
  readonly secret: string;
  readonly by: string;
}

type Environment = Pick<Pod['spec']['containers'][number], 'name' | 'env' | 'envFrom'>;

function* containerReferences(containers: readonly Environment[], kind: string): Generator<Reference> {
  for (const { name, env = [], envFrom = [] } of containers) {
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef?.name;
      if (secret !== undefined) yield { secret, by: `${kind} ${name} with envVar ${variable} referencing` };
    }
    for (const { secretRef } of envFrom) {
      if (secretRef) yield { secret: secretRef.name ?? '', by: `${kind} ${name} with envFrom referencing` };
    }
  }
}
