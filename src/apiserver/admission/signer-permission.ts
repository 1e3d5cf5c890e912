import { resourceAttributes } from '../authorization/attributes.ts';
import type { AdmissionRequest, Authorizer, User } from '../ports.ts';
import { refusal } from './refusal.ts';

/** What somebody wants to do in the name of a signer, and what he is told who may not. */
export interface SignerAct {
  readonly verb: 'approve' | 'attest' | 'sign';
  readonly signerName: string;
  readonly refused: string;
}

/** Throws Forbidden unless the user has the verb on the signer, or on all of its domain. */
export async function requireSignerPermission(
  request: AdmissionRequest,
  authorizer: Authorizer,
  act: SignerAct,
): Promise<void> {
  if (await hasSignerPermission(request.attributes.user, authorizer, act)) return;
  throw refusal(request, act.refused);
}

/** Whether a user has the verb on the signer, or on all of its domain. Source: kubernetes' pkg/certauthorization. */
export async function hasSignerPermission(
  user: User,
  authorizer: Authorizer,
  { verb, signerName }: Pick<SignerAct, 'verb' | 'signerName'>,
): Promise<boolean> {
  const names = [signerName, `${signerName.split('/')[0]}/*`];
  const attributes = { verb, group: 'certificates.k8s.io', version: '*', resource: 'signers' };
  for (const name of names) {
    const { allowed } = await authorizer.authorize(resourceAttributes(user, { ...attributes, name }));
    if (allowed) return true;
  }
  return false;
}
