/** Lets pods that ask for an extended resource onto the nodes set aside for it. Source: plugin/pkg/admission/extendedresourcetoleration. */
import type { Toleration } from '../../api/core/pod-spec.ts';
import { Pod } from '../../api/core/pod.ts';
import { isExtendedResource } from '../../api/core/resource-names.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';

/** Upstream's ExtendedResourceToleration. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  concerns: [Pod.qualified],
  admit(request) {
    const pod = admittedPod(request);
    if (!pod) return;
    const { containers, initContainers = [], tolerations = [] } = pod.spec;
    const asked = [...containers, ...initContainers].flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    const wanted = [...new Set(asked.filter(isExtendedResource))].sort();
    const missing = wanted.filter((name) => !tolerations.some((one) => one.key === name && isFor(one)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }) as const);
    pod.spec.tolerations = [...tolerations, ...added];
  },
};

function isFor({ operator, effect, value }: Toleration): boolean {
  return operator === 'Exists' && effect === 'NoSchedule' && !value;
}
