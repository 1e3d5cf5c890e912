/** `pods/eviction`: deletes a pod the polite way. Disruption budgets will have their say here once there are any. */
import { Pod } from '../../api/core/pod.ts';
import { Eviction } from '../../api/policy/eviction.ts';
import type { VirtualSubresource } from '../ports.ts';
import { deleteObject } from './delete-object.ts';
import type { HandlerContext } from './handler-context.ts';
import { successStatus } from './success-status.ts';

/** Makes the subresource. */
export function podEviction(context: HandlerContext): VirtualSubresource {
  return {
    parent: Pod,
    subresource: 'eviction',
    resource: Eviction,
    async create(body, { attributes, dryRun }) {
      const { deleteOptions = {} } = body as Eviction;
      const request = {
        resource: Pod,
        attributes,
        dryRun: dryRun || (deleteOptions.dryRun?.includes('All') ?? false),
        fieldValidation: 'Ignore' as const,
        warnings: [],
      };
      await deleteObject(context, request, deleteOptions);
      return successStatus(201);
    },
  };
}
