import type { PodTemplateSpec } from '../api/core/pod-spec.ts';
import type { Pod } from '../api/core/pod.ts';
import type { DraftObjectOf, ApiObject } from '../machinery/resource.ts';
import { controllerReference } from './ownership.ts';

/** A pod to be created from a controller's template; the server completes its name. */
export function podFromTemplate(owner: ApiObject, template: PodTemplateSpec): DraftObjectOf<typeof Pod> {
  const { labels, annotations, finalizers } = template.metadata;
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels,
      annotations,
      finalizers,
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}
