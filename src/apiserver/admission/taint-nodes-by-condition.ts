/** Keeps pods off a new node until it is known to be ready. */
import { Node } from '../../api/core/node.ts';
import type { AdmissionPlugin } from '../ports.ts';
import { admittedNode } from './admitted-object.ts';

const key = 'node.kubernetes.io/not-ready';

/** Upstream's TaintNodesByCondition. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  concerns: [Node.qualified],
  admit(request) {
    const node = admittedNode(request);
    if (!node || request.operation !== 'CREATE') return;
    const taints = node.spec.taints ?? [];
    if (taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule')) return;
    node.spec.taints = [...taints, { key, effect: 'NoSchedule' }];
  },
};
