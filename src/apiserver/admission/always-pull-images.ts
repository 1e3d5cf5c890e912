/**
 * Has every image pulled anew, so that only those use a private image who have the credentials for it. Source:
 * plugin/pkg/admission/alwayspullimages.
 */
import { Pod } from '../../api/core/pod.ts';
import { fieldErrorText, notSupported } from '../../machinery/field-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** Upstream's AlwaysPullImages. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  concerns: [Pod.qualified],
  admit(request) {
    const pod = admittedPod(request);
    if (!pod || hasNoNewImages(request)) return;
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      container.imagePullPolicy = 'Always';
    }
    for (const { image } of pod.spec.volumes ?? []) if (image?.reference) image.pullPolicy = 'Always';
  },
  validate(request) {
    const pod = admittedPod(request);
    if (!pod || hasNoNewImages(request)) return;
    for (const field of ['initContainers', 'containers'] as const) {
      for (const [index, { imagePullPolicy: policy }] of (pod.spec[field] ?? []).entries()) {
        if (policy === 'Always') continue;
        const path = `spec.${field}[${index}].imagePullPolicy`;
        throw refusal(request, fieldErrorText(notSupported(path, policy ?? '', ['Always'])));
      }
    }
  },
};

function hasNoNewImages({ operation, object, old }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE' || !old) return false;
  const known = new Set(imagesOf(old as Pod));
  return imagesOf(object as unknown as Pod).every((image) => known.has(image));
}

function imagesOf({ spec }: Pod): readonly (string | undefined)[] {
  return [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image);
}
