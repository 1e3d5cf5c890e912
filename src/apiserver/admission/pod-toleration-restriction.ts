/** Gives pods the tolerations of their namespace, and lets them have no others. Source: plugin/pkg/admission/podtolerationrestriction. */
import { Namespace } from '../../api/core/namespace.ts';
import { Toleration } from '../../api/core/pod-spec.ts';
import { Pod } from '../../api/core/pod.ts';
import { qosClass } from '../../api/core/qos-class.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import { defineStruct, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';
import { mergeTolerations, withinTolerations } from './tolerations.ts';

/** Source: podtolerationrestriction.admission.k8s.io/v1alpha1 Configuration. */
export const PodTolerationRestrictionConfiguration = defineStruct('Configuration', {
  apiVersion: text(1).omitEmpty(),
  kind: text(2).omitEmpty(),
  default: list(3, Toleration).optional(),
  whitelist: list(4, Toleration).optional(),
});
export type PodTolerationRestrictionConfiguration = TypeOf<typeof PodTolerationRestrictionConfiguration>;

const defaultsAnnotation = 'scheduler.alpha.kubernetes.io/defaultTolerations';
const allowedAnnotation = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist';
const memoryPressure: Toleration = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
};

/** Upstream's PodTolerationRestriction. */
export function createPodTolerationRestriction(
  configuration: Partial<PodTolerationRestrictionConfiguration> = {},
): AdmissionPlugin {
  return {
    name: 'PodTolerationRestriction',
    concerns: [Pod.qualified],
    admit(request, context) {
      const pod = admittedPod(request);
      if (!pod) return;
      const defaults = stated(request, context, defaultsAnnotation) ?? configuration.default ?? [];
      const added = [
        ...(request.operation === 'CREATE' ? defaults : []),
        ...(qosClass(pod.spec) === 'BestEffort' ? [] : [memoryPressure]),
      ];
      if (added.length > 0) pod.spec.tolerations = mergeTolerations(pod.spec.tolerations ?? [], added);
    },
    validate(request, context) {
      const tolerations = admittedPod(request)?.spec.tolerations ?? [];
      if (tolerations.length === 0) return;
      const allowed = stated(request, context, allowedAnnotation) ?? configuration.whitelist ?? [];
      if (allowed.length === 0 || withinTolerations(tolerations, allowed)) return;
      throw refusal(
        request,
        'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
      );
    },
  };
}

/** What the namespace says by an annotation; undefined when it says nothing. */
function stated(
  { attributes }: AdmissionRequest,
  { find }: AdmissionContext,
  annotation: string,
): readonly Toleration[] | undefined {
  const text = find(Namespace, { name: attributes.namespace })?.metadata.annotations?.[annotation];
  if (!text) return undefined;
  try {
    return JSON.parse(text) as readonly Toleration[];
  } catch (error) {
    throw new StatusError('InternalError', `annotation ${annotation}: ${messageOf(error)}`, { cause: error });
  }
}
