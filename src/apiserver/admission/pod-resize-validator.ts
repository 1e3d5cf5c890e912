/** Refuses resizes that a pod's node can't grant, before the kubelet has to. Source: plugin/pkg/admission/podresize. */
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import { inNumbers, podTotal } from '../../api/core/pod-resources.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { refusal } from './refusal.ts';

/** Upstream's PodResizeValidator. */
export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  concerns: [Pod.qualified],
  validate(request, { find }) {
    if (request.attributes.subresource !== 'resize' || request.operation !== 'UPDATE') return;
    const pod = request.object as unknown as Pod;
    const { nodeName: name } = pod.spec;
    if (!name || pod.metadata.generation === request.old?.metadata.generation) return;
    const node = find(Node, { name });
    if (!node) throw refusal(request, `node ${JSON.stringify(name)} not found`);
    checkCapacity(request, pod, node);
    const system = node.metadata.labels?.['kubernetes.io/os'] ?? '';
    if (system === 'linux') return;
    throw refusal(
      request,
      `pod resize is only supported on linux nodes, node ${JSON.stringify(name)} is ${JSON.stringify(system)}`,
      [{ reason: 'UnsupportedPlatform' }],
    );
  },
};

function checkCapacity(request: AdmissionRequest, pod: Pod, node: Node): void {
  const wanted = podTotal(pod, { part: 'requests', reckoning: inNumbers });
  const { allocatable = {} } = node.status;
  const excess = ['cpu', 'memory'].flatMap((name) => {
    const requested = wanted[name] ?? 0;
    const available = inNumbers.of(name, allocatable[name] ?? '0');
    return requested > available ? [`${name}, requested: ${requested}, allocatable: ${available}`] : [];
  });
  if (excess.length === 0) return;
  throw refusal(request, `Node didn't have enough allocatable resources: ${excess.join('; ')}`, [
    { reason: 'NodeCapacity' },
  ]);
}
