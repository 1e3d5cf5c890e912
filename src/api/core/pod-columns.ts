/** The columns of `kubectl get pods`. */
import type { Column } from '../../machinery/resource.ts';
import type { Pod } from './pod.ts';
import { podSummary } from './pod-status-text.ts';

/** The columns beside Name and Age. */
export const podColumns: Readonly<Record<string, Column<Pod>>> = {
  Ready: {
    description: 'The aggregate readiness state of this pod for accepting traffic.',
    value(pod, now) {
      const { ready, total } = podSummary(pod, now);
      return `${ready}/${total}`;
    },
  },
  Status: {
    description: 'The aggregate status of the containers in this pod.',
    value: (pod, now) => podSummary(pod, now).status,
  },
  Restarts: {
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    value: (pod, now) => podSummary(pod, now).restarts,
  },
  IP: { wide: true, value: ({ status }) => status.podIPs?.[0]?.ip ?? (status.podIP || '<none>') },
  Node: { wide: true, value: ({ spec }) => spec.nodeName || '<none>' },
  'Nominated Node': { wide: true, value: ({ status }) => status.nominatedNodeName || '<none>' },
  'Readiness Gates': { wide: true, value: readinessGates },
};

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const met = gates.filter(({ conditionType }) =>
    (status.conditions ?? []).some(({ type, status }) => type === conditionType && status === 'True'),
  );
  return `${met.length}/${gates.length}`;
}
