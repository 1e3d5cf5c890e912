/** What is said to and heard from an admission webhook. Source: admission.k8s.io/v1 and v1beta1. */
import { StatusError } from '../../../base/errors.ts';
import type { StatusReason } from '../../../base/errors.ts';
import { parseExactJson } from '../../../base/exact-json.ts';
import type { Json } from '../../../base/json.ts';
import type { Resource } from '../../../machinery/resource.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import type { AdmissionRequest, ObjectKind } from '../../ports.ts';

/** The versions that we speak, the best first. */
export const reviewVersions = ['v1', 'v1beta1'] as const;

/** What a review is made of. */
export interface ReviewOptions {
  readonly version: string;
  readonly uid: string;
  /** The kind under which the webhook sees the request. */
  readonly shownAs: Resource;
  readonly object: unknown;
  readonly oldObject: unknown;
}

/** The body that a webhook gets. */
export function admissionReview(request: AdmissionRequest, options: ReviewOptions): object {
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${options.version}`,
    request: reviewRequest(request, options),
  };
}

/** The `request` member of a review, which CEL expressions of policies see as well. */
export function reviewRequest(
  request: AdmissionRequest,
  options: Omit<ReviewOptions, 'version'>,
): Record<string, unknown> {
  const { attributes, operation, resource, objectKind, dryRun } = request;
  const { uid, shownAs, object, oldObject } = options;
  const { user, subresource, name, namespace } = attributes;
  const part = subresource === '' ? {} : { subResource: subresource };
  const requested = subresource === '' ? {} : { requestSubResource: subresource };
  return {
    uid,
    kind: kindOf(objectKind ?? shownAs),
    resource: resourceOf(shownAs),
    ...part,
    requestKind: kindOf(objectKind ?? resource),
    requestResource: resourceOf(resource),
    ...requested,
    ...(name === '' ? {} : { name }),
    ...(resource.namespaced || resource.plural === 'namespaces' ? { namespace } : {}),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid ? { uid: user.uid } : {}),
      groups: user.groups,
      ...(user.extra ? { extra: user.extra } : {}),
    },
    object: object ?? null,
    oldObject: oldObject ?? null,
    dryRun,
    options: optionKinds[operation] ? { kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1' } : null,
  };
}

const optionKinds: Readonly<Partial<Record<AdmissionRequest['operation'], string>>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

function kindOf({ group, version, kind }: ObjectKind): object {
  return { group, version, kind };
}

function resourceOf({ group, version, plural: resource }: Resource): object {
  return { group, version, resource };
}

/** A webhook's answer. */
export interface ReviewAnswer {
  readonly allowed: boolean;
  readonly result: Readonly<Record<string, unknown>>;
  /** A JSON patch. */
  readonly patch: Json | undefined;
  readonly warnings: readonly string[];
  /** What the webhook notes in the audit event. */
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Reads an answer; throws an Error that says what is wrong with it. */
export function readReview(answer: unknown, { version, uid }: Pick<ReviewOptions, 'version' | 'uid'>): ReviewAnswer {
  if (!isJsonObject(answer) || !isJsonObject(answer['response'])) throw new Error('webhook response was absent');
  const { apiVersion, kind, response } = answer;
  const wanted = `admission.k8s.io/${version}`;
  if (version === 'v1' && (apiVersion !== wanted || kind !== 'AdmissionReview')) {
    throw new Error(
      `expected webhook response of ${wanted}, Kind=AdmissionReview, got ${String(apiVersion ?? '')}, Kind=${String(kind ?? '')}`,
    );
  }
  if (version === 'v1' && response['uid'] !== uid) {
    throw new Error(`expected response.uid="${uid}", got ${JSON.stringify(response['uid'] ?? '')}`);
  }
  const { allowed, status, warnings, auditAnnotations } = response;
  return {
    allowed: allowed === true,
    result: isJsonObject(status) ? status : {},
    patch: patchOf(response, version),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    auditAnnotations: isJsonObject(auditAnnotations) ? textsIn(auditAnnotations) : {},
  };
}

function textsIn(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function patchOf({ patch, patchType }: Readonly<Record<string, unknown>>, version: string): Json | undefined {
  if (typeof patch !== 'string' || patch === '') return undefined;
  if (patchType !== 'JSONPatch' && !(version === 'v1beta1' && patchType === undefined)) {
    throw new Error(`invalid response.patchType, must be "JSONPatch", got ${JSON.stringify(patchType ?? '')}`);
  }
  return parseExactJson(Buffer.from(patch, 'base64').toString()) as Json;
}

/** The error of a request that a webhook refuses. Source: webhook/errors.ToStatusErr. */
export function deniedError(webhook: string, result: ReviewAnswer['result']): StatusError {
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const { message, reason, code, details } = result;
  const said = typeof message === 'string' && message !== '' ? message : typeof reason === 'string' ? reason : '';
  const text = said === '' ? `${denied} without explanation` : `${denied}: ${said}`;
  const known = typeof reason === 'string' ? (reason as StatusReason) : '';
  return new StatusError(known, text, {
    code: typeof code === 'number' && code >= 400 ? code : 400,
    ...(isJsonObject(details) ? { details } : {}),
  });
}
