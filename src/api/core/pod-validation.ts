/** Validation of pods. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden } from '../../machinery/field-error.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { ephemeralErrors } from './ephemeral-validation.ts';
import { resizeErrors } from './pod-resize.ts';
import { podSpecErrors } from './pod-spec-validation.ts';
import { podStatusErrors } from './pod-status-validation.ts';
import { podAnnotationErrors } from './pod-annotation-validation.ts';
import { podUpdateErrors } from './pod-update-validation.ts';
import type { Pod } from './pod.ts';

/** What is wrong with a new pod or an update; writes of subresources are their own judges. */
export function podErrors(pod: Pod, { old, subresource }: ValidationContext<Pod>): FieldError[] {
  if (subresource === 'ephemeralcontainers') return ephemeralErrors(pod.spec, old?.spec);
  if (subresource === 'resize' && old) return resizeErrors(pod, old);
  if (subresource === 'status' && old) return podStatusErrors(pod, old);
  if (subresource !== undefined && subresource !== '') return [];
  if (old) return podUpdateErrors(pod, old);
  const hasEphemeral = (pod.spec.ephemeralContainers ?? []).length > 0;
  return [
    ...podAnnotationErrors(pod.metadata.annotations, pod.spec, 'metadata.annotations'),
    ...podSpecErrors(pod.spec, 'spec'),
    ...(hasEphemeral ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')] : []),
  ];
}
