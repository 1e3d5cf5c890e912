/** Lets pods stay five minutes on a node that is not ready or not reachable, unless they say otherwise. */
import type { Toleration } from '../../api/core/pod-spec.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';

const seconds = 300;
const taints: readonly string[] = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Upstream's DefaultTolerationSeconds. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  admit(request) {
    const pod = admittedPod(request);
    if (!pod) return;
    const tolerations = pod.spec.tolerations ?? [];
    const missing = taints.filter((key) => !tolerations.some((toleration) => covers(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key): Toleration => ({
      key,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: seconds,
    }));
    pod.spec.tolerations = [...tolerations, ...added];
  },
};

function covers({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}
