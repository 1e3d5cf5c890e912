/** Keeps the pods of a namespace on the nodes that are meant for it. Source: plugin/pkg/admission/podnodeselector. */
import { Namespace } from '../../api/core/namespace.ts';
import { Pod } from '../../api/core/pod.ts';
import { StatusError } from '../../base/errors.ts';
import { defineStruct, map, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { admittedPod } from './admitted-object.ts';
import { refusal } from './refusal.ts';

/** Selectors by namespace; that of `clusterDefaultNodeSelector` is for namespaces that state none. */
export const PodNodeSelectorConfiguration = defineStruct('PodNodeSelectorConfiguration', {
  podNodeSelectorPluginConfig: map(1, text).optional(),
});
export type PodNodeSelectorConfiguration = TypeOf<typeof PodNodeSelectorConfiguration>;

type Labels = Readonly<Record<string, string>>;

const annotation = 'scheduler.alpha.kubernetes.io/node-selector';

/** Upstream's PodNodeSelector. */
export function createPodNodeSelector({
  podNodeSelectorPluginConfig: selectors = {},
}: PodNodeSelectorConfiguration = {}): AdmissionPlugin {
  return {
    name: 'PodNodeSelector',
    concerns: [Pod.qualified],
    admit(request, context) {
      const pod = request.operation === 'CREATE' ? admittedPod(request) : undefined;
      if (!pod) return;
      const wanted = namespaceSelector(request, context, selectors);
      refuseConflict(request, wanted, pod.spec.nodeSelector);
      if (Object.keys(wanted).length > 0) pod.spec.nodeSelector = { ...wanted, ...pod.spec.nodeSelector };
    },
    validate(request, context) {
      const pod = request.operation === 'CREATE' ? admittedPod(request) : undefined;
      if (!pod) return;
      const { nodeSelector = {} } = pod.spec;
      refuseConflict(request, namespaceSelector(request, context, selectors), nodeSelector);
      const allowed = labelsOf(selectors[request.attributes.namespace] ?? '');
      if (Object.keys(allowed).length === 0) return;
      if (Object.entries(nodeSelector).every(([key, value]) => allowed[key] === value)) return;
      throw refusal(request, 'pod node label selector labels conflict with its namespace whitelist');
    },
  };
}

function namespaceSelector(request: AdmissionRequest, { find }: AdmissionContext, selectors: Labels): Labels {
  const namespace = find(Namespace, { name: request.attributes.namespace });
  const stated = namespace?.metadata.annotations?.[annotation];
  return labelsOf(stated ?? selectors['clusterDefaultNodeSelector'] ?? '');
}

function refuseConflict(request: AdmissionRequest, wanted: Labels, own: Labels = {}): void {
  if (Object.entries(wanted).every(([key, value]) => own[key] === undefined || own[key] === value)) return;
  throw refusal(request, 'pod node label selector conflicts with its namespace node label selector');
}

/** `a=b,c=d`. Throws InternalError when it is something else. Source: labels.ConvertSelectorToLabelsMap. */
function labelsOf(selector: string): Labels {
  if (selector.trim() === '') return {};
  const pairs = selector.split(',').map((pair) => {
    const [key = '', value, ...more] = pair.split('=');
    if (value !== undefined && more.length === 0) return [key.trim(), value.trim()] as const;
    throw new StatusError('InternalError', `invalid selector: ${pair}`);
  });
  return Object.fromEntries(pairs);
}
