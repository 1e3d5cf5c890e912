/** Keeps pods from having whole zones for themselves. Source: plugin/pkg/admission/antiaffinity. */
import { Pod } from '../../api/core/pod.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

const only = 'kubernetes.io/hostname';

/** Upstream's LimitPodHardAntiAffinityTopology. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  concerns: [Pod.qualified],
  validate(request) {
    const terms = admittedPod(request)?.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const other = terms?.find(({ topologyKey }) => topologyKey !== only);
    if (!other) return;
    const { topologyKey } = other;
    throw refusal(
      request,
      `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${topologyKey} but only key ${only} is allowed`,
    );
  },
};
