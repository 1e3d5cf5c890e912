/** What runtime classes and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  RuntimeClass: {
    '': 'A way of running containers.',
    handler: 'How the container runtime calls it.',
    overhead: 'What it costs besides the containers.',
    scheduling: 'Which nodes have it.',
  },
  Overhead: { '': 'What running a pod costs.', podFixed: 'The amount, by resource.' },
  Scheduling: {
    '': 'Which nodes have a runtime class.',
    nodeSelector: 'Labels of those nodes; added to its pods.',
    tolerations: 'Added to its pods.',
  },
};
