/** Typed views of the objects that admission plug-ins see. */
import { Node } from '../../api/core/node.ts';
import { Pod } from '../../api/core/pod.ts';
import type { Resource } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionRequest } from '../ports.ts';

/** The pod that a request creates or replaces; undefined for every other request, subresources included. */
export function admittedPod(request: AdmissionRequest): Writable<Pod> | undefined {
  return admittedObject(request, Pod);
}

/** The node that a request creates or replaces. */
export function admittedNode(request: AdmissionRequest): Writable<Node> | undefined {
  return admittedObject(request, Node);
}

/** The object of a kind that a request creates or replaces; undefined for every other request, subresources included. */
export function admittedObject<T, D>(request: AdmissionRequest, wanted: Resource<T, D>): Writable<T> | undefined {
  const { attributes, resource, object } = request;
  if (resource.qualified !== wanted.qualified || attributes.subresource !== '') return undefined;
  return object as Writable<T> | undefined;
}
