/** What priority classes and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  PriorityClass: {
    '': 'Gives a name to a priority of pods.',
    value: 'The priority; the higher, the earlier.',
    globalDefault: 'Whether pods have it that name none; of one class at most.',
    description: 'What it is for, for people.',
    preemptionPolicy: 'Whether its pods push others away: PreemptLowerPriority or Never.',
  },
};
