/** What leases and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  Lease: { '': 'Says who holds something, and that they are still there.' },
  LeaseSpec: {
    '': 'Who holds the lease, and since when.',
    holderIdentity: 'The holder; empty if there is none.',
    leaseDurationSeconds: 'Seconds after the last renewal for which others must wait.',
    acquireTime: 'When the holder took it.',
    renewTime: 'When the holder last renewed it.',
    leaseTransitions: 'How often it has changed hands.',
    strategy: 'How the leader is chosen when candidates state themselves.',
    preferredHolder: 'Who should take it over.',
  },
};
