/** Tokens that a kubelet may ask for: of the pods that it runs, for the audiences that these name. */
import { PersistentVolumeClaim } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../api/core/persistent-volume.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Volume } from '../../api/core/volume.ts';
import { CSIDriver } from '../../api/storage/csi-driver.ts';
import type { TokenRequest } from '../../api/authentication/token-request.ts';
import { resourceAttributes } from '../authorization/attributes.ts';
import { errorText } from '../authorization/error-text.ts';
import { ephemeralClaimName } from '../../api/core/pod-references.ts';
import type { AdmissionContext, AdmissionRequest } from '../ports.ts';
import { notFoundError } from '../resources/api-errors.ts';

type Problem = string | undefined;

/** Why a node may not have a token. Throws NotFound. Source: noderestriction's admitServiceAccount. */
export function tokenProblem(
  request: AdmissionRequest,
  node: string,
  context: AdmissionContext,
): Problem | Promise<Problem> {
  const { operation, attributes, object } = request;
  if (operation !== 'CREATE' || attributes.subresource !== 'token') return undefined;
  const { audiences = [], boundObjectRef } = ((object ?? {}) as Partial<TokenRequest>).spec ?? {};
  const { apiVersion, kind, name = '', uid = '' } = boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') return 'node requested token not bound to a pod';
  if (uid === '') return 'node requested token with a pod binding without a uid';
  const pod = context.find(Pod, { namespace: attributes.namespace, name });
  if (!pod) throw notFoundError(Pod, name);
  if (uid !== pod.metadata.uid)
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  if (pod.spec.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  return audienceProblem(request, { pod, audiences }, context);
}

interface Wanted {
  readonly pod: Pod;
  readonly audiences: readonly string[];
}

function audienceProblem(
  { attributes }: AdmissionRequest,
  { pod, audiences }: Wanted,
  context: AdmissionContext,
): Problem | Promise<Problem> {
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const audience = audiences[0] ?? '';
  const { found, errors } = namedAudience(pod, audience, context);
  if (found) return undefined;
  const quoted = JSON.stringify(audience);
  if (errors.length > 0) return `error validating audience ${quoted}: ${errorText(errors)}`;
  const { user, namespace, name } = attributes;
  const unnamed = `audience ${quoted} not found in pod spec volume`;
  const question = { verb: 'request-serviceaccounts-token-audience', version: '*', resource: audience };
  return Promise.resolve(context.authorizer.authorize(resourceAttributes(user, { ...question, namespace, name }))).then(
    ({ allowed }) =>
      allowed ? undefined : `${unnamed}, ${user.name} is not authorized to request tokens for this audience`,
  );
}

interface Search {
  readonly found: boolean;
  readonly errors: readonly string[];
}

/** Whether a volume of the pod, or the driver of one, names the audience. */
function namedAudience(pod: Pod, audience: string, context: AdmissionContext): Search {
  const errors: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const projected = volume.projected?.sources ?? [];
    const names = projected.some(
      ({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience,
    );
    if (names) return { found: true, errors: [] };
    try {
      if (driverNames(driverOf(pod, volume, context), audience, context)) return { found: true, errors: [] };
    } catch (error) {
      if (!(error instanceof MissingObject)) throw error;
      errors.push(error.message);
    }
  }
  return { found: false, errors };
}

/** An object that a volume leads to is not there. */
class MissingObject extends Error {
  constructor(resource: string, name: string) {
    super(`${resource} ${JSON.stringify(name)} not found`);
  }
}

function driverOf(pod: Pod, volume: Volume, { find }: AdmissionContext): string | undefined {
  const { csi, persistentVolumeClaim, ephemeral } = volume;
  if (csi) return csi.driver;
  const { namespace, name } = pod.metadata;
  const claimName = persistentVolumeClaim?.claimName ?? (ephemeral && ephemeralClaimName(name, volume.name));
  if (claimName === undefined) return undefined;
  const claim = find(PersistentVolumeClaim, { namespace, name: claimName });
  if (!claim) throw new MissingObject('persistentvolumeclaim', claimName);
  const { volumeName } = claim.spec;
  if (!volumeName) return undefined;
  const bound = find(PersistentVolume, { name: volumeName });
  if (!bound) throw new MissingObject('persistentvolume', volumeName);
  return bound.spec.csi?.driver;
}

function driverNames(driver: string | undefined, audience: string, { find }: AdmissionContext): boolean {
  if (driver === undefined) return false;
  const found = find(CSIDriver, { name: driver });
  if (!found) throw new MissingObject('csidriver.storage.k8s.io', driver);
  return (found.spec.tokenRequests ?? []).some((request) => request.audience === audience);
}
