/** Typed views of the objects that admission plug-ins see. */
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionRequest } from '../ports.ts';

/** The pod that a request creates or replaces; undefined for every other request, subresources included. */
export function admittedPod(request: AdmissionRequest): Writable<Pod> | undefined {
  return admitted(request, Pod) as Writable<Pod> | undefined;
}

/** The node that a request creates or replaces. */
export function admittedNode(request: AdmissionRequest): Writable<Node> | undefined {
  return admitted(request, Node) as Writable<Node> | undefined;
}

function admitted({ attributes, resource, object }: AdmissionRequest, wanted: Resource): unknown {
  return resource.qualified === wanted.qualified && attributes.subresource === '' ? object : undefined;
}
