import { Pod } from '../../api/core/pod.ts';
import { defineIndex } from '../../client/controller.ts';

/** Files pods under the name of their node. */
export const podsByNode = defineIndex(Pod, 'node', ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
