/** What disruption budgets, evictions and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  PodDisruptionBudget: { '': 'Bounds how many pods may be evicted at once.' },
  PodDisruptionBudgetSpec: {
    '': 'Which pods, and how many of them.',
    minAvailable: 'How many, or how much of them, must stay.',
    maxUnavailable: 'How many, or how much of them, may be missing.',
    selector: 'Labels of the pods.',
    unhealthyPodEvictionPolicy: 'Whether pods that are not ready may always go: IfHealthyBudget or AlwaysAllow.',
  },
  PodDisruptionBudgetStatus: {
    '': 'How many pods may be evicted now.',
    observedGeneration: 'The generation of the spec that this status is about.',
    disruptedPods: 'Pods whose eviction was allowed and that are still there.',
    disruptionsAllowed: 'How many may be evicted now.',
    currentHealthy: 'How many are healthy.',
    desiredHealthy: 'How many must be.',
    expectedPods: 'How many count.',
    conditions: 'What is the case.',
  },
  Eviction: {
    '': 'Asks for a pod to be deleted if its budgets allow it.',
    deleteOptions: 'How to delete it.',
  },
};
