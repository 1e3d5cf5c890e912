/**
 * Lets pods stay some minutes on a node that is not ready or not reachable, unless they say otherwise. Source:
 * plugin/pkg/admission/defaulttolerationseconds.
 */
import type { Toleration } from '../../api/core/pod-spec.ts';
import { Pod } from '../../api/core/pod.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';

/** Seconds that pods stay. Default of both: 300. */
export interface DefaultTolerations {
  readonly notReady?: number | undefined;
  readonly unreachable?: number | undefined;
}

/** Upstream's DefaultTolerationSeconds. */
export function createDefaultTolerationSeconds({
  notReady = 300,
  unreachable = 300,
}: DefaultTolerations = {}): AdmissionPlugin {
  const defaults = [
    toleration('node.kubernetes.io/not-ready', notReady),
    toleration('node.kubernetes.io/unreachable', unreachable),
  ];
  return {
    name: 'DefaultTolerationSeconds',
    concerns: [Pod.qualified],
    admit(request) {
      const pod = admittedPod(request);
      if (!pod) return;
      const tolerations = pod.spec.tolerations ?? [];
      const missing = defaults.filter(({ key }) => !tolerations.some((one) => covers(one, key)));
      if (missing.length > 0) pod.spec.tolerations = [...tolerations, ...missing.map((one) => ({ ...one }))];
    },
  };
}

function toleration(key: string, tolerationSeconds: number): Toleration & { readonly key: string } {
  return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
}

function covers({ key, effect }: Toleration, taint: string): boolean {
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}
