/** Lease: who holds something, renewed while alive. Source: coordination.k8s.io/v1. */
import { defineResource } from '../../machinery/resource.ts';
import type { ObjectOf } from '../../machinery/resource.ts';
import { defineStruct, int32, microTime, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { strategyErrors } from './strategy-validation.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';

/** Who holds it, for how long, and since when. */
export const LeaseSpec = defineStruct('LeaseSpec', {
  holderIdentity: text(1).optional(),
  leaseDurationSeconds: int32(2).optional(),
  acquireTime: microTime(3).optional(),
  renewTime: microTime(4).optional(),
  leaseTransitions: int32(5).optional(),
  strategy: text(6).optional(),
  preferredHolder: text(7).optional(),
});
export type LeaseSpec = TypeOf<typeof LeaseSpec>;

/** Says that its holder is alive, or has the right to act. */
export const Lease = defineResource({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  scope: 'Namespaced',
  countsGeneration: false,
  createdByReplace: true,
  fields: {
    spec: struct(2, LeaseSpec).default({}),
  },
  columns: { Holder: ({ spec }) => spec.holderIdentity ?? '' },
  validate({ spec }) {
    const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec;
    return [
      ...(leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0
        ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
        : []),
      ...(leaseTransitions !== undefined && leaseTransitions < 0
        ? [invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')]
        : []),
      ...(strategy === undefined ? [] : strategyErrors(strategy, 'spec.strategy')),
      ...(preferredHolder && !strategy
        ? [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')]
        : []),
    ];
  },
});
export type Lease = ObjectOf<typeof Lease>;
