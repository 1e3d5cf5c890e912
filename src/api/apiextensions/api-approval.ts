/** Groups of the Kubernetes community need an approval. Source: apiextensions' apihelpers. */
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

const annotationName = 'api-approved.kubernetes.io';

/** Whether a definition in a protected group says that it is approved. */
export interface ApprovalState {
  readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid';
  readonly annotation: string;
  readonly reason: string;
}

/** How it is about the approval of a definition; undefined for groups that need none. */
export function approvalState({ metadata, spec }: CustomResourceDefinition): ApprovalState | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group)) return undefined;
  const annotation = metadata.annotations?.[annotationName] ?? '';
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  const must = `protected groups must have approval annotation ${JSON.stringify(annotationName)}`;
  if (annotation === '') return { state: 'missing', annotation, reason: `${must}, ${see}` };
  if (annotation.startsWith('unapproved')) {
    return { state: 'bypassed', annotation, reason: `not approved: ${JSON.stringify(annotation)}` };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(annotation)) {
    return { state: 'approved', annotation, reason: `approved in ${annotation}` };
  }
  const reason = `${must} with either a URL or a reason starting with "unapproved", ${see}`;
  return { state: 'invalid', annotation, reason };
}
