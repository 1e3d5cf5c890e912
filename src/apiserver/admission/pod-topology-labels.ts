/** Tells pods, by labels, in which zone and region their node is. Source: plugin/pkg/admission/podtopologylabels (KEP-4742). */
import type { Binding } from '../../api/core/binding.ts';
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import type { AdmissionContext, AdmissionPlugin } from '../ports.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Upstream's PodTopologyLabels. What a binding is labelled with, its pod is too: `../resources/pod-binding.ts`. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  concerns: [Pod.qualified],
  admit({ operation, object, attributes: { subresource } }, context) {
    if (operation !== 'CREATE' || !object) return;
    if (subresource === 'binding') {
      const { target, metadata } = object as unknown as Binding;
      if (target.kind === 'Node') addLabels(metadata, target.name, context);
    } else if (subresource === '') {
      const { spec, metadata } = object as unknown as Pod;
      addLabels(metadata, spec.nodeName, context);
    }
  },
};

interface Labelled {
  labels?: Readonly<Record<string, string>> | undefined;
}

function addLabels(metadata: Labelled, nodeName: string | undefined, { find }: AdmissionContext): void {
  if (!nodeName) return;
  const labels = find(Node, { name: nodeName })?.metadata.labels;
  if (!labels) return;
  const found = copied.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]] as const]));
  if (found.length > 0) metadata.labels = { ...Object.fromEntries(found), ...metadata.labels };
}
