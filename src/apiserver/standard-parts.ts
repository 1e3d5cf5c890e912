import { timestamp } from '../base/clock.ts';
import { admissionParts } from './admission/admission-parts.ts';
import type { AdmissionSettings } from './admission/admission-parts.ts';
import type { NodePortRange } from './allocators/node-port-allocation.ts';
import { bootstrapServiceCIDR } from './bootstrap.ts';
import { createServiceAllocator } from './allocators/service-allocator.ts';
import { aggregationParts } from './aggregation/aggregation-parts.ts';
import type { AggregationSettings } from './aggregation/aggregation-parts.ts';
import { authenticationParts } from './authentication/authentication-parts.ts';
import type { AuthenticationSettings } from './authentication/authentication-parts.ts';
import { accessReviews } from './authorization/access-reviews.ts';
import { authorizationParts } from './authorization/authorization-parts.ts';
import type { AuthorizationSettings } from './authorization/authorization-parts.ts';
import { bootstrapPolicy } from './authorization/bootstrap-policy.ts';
import type { ControllerPermissions } from './authorization/bootstrap-policy.ts';
import { rulesReview } from './authorization/rules-review.ts';
import type { ServerContext, ServerParts } from './create-api-server.ts';
import { createDiscovery } from './discovery/discovery.ts';
import { defaultFlowControl, flowControlParts } from './flow-control/flow-control-parts.ts';
import type { FlowControlSettings } from './flow-control/flow-control-parts.ts';
import { createOpenApi } from './openapi/openapi.ts';

/** Settings of the parts that a server usually has. */
export interface StandardPartsOptions extends AuthenticationSettings, AggregationSettings, AdmissionSettings {
  /** `10.96.0.0/12`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCIDRs: readonly string[];
  /** Ports of NodePort Services. Default: 30000-32767. */
  readonly nodePorts?: NodePortRange | undefined;
  /** Where clients reach the server: `10.0.0.1:6443`. */
  readonly serverAddress: string;
  /** Who decides what users may do. Default: Node, then RBAC. */
  readonly authorization?: AuthorizationSettings | undefined;
  /** What each controller needs: their bootstrap roles are made of it. */
  readonly controllers?: readonly ControllerPermissions[] | undefined;
  /** When requests are served. Default: with priority and fairness. */
  readonly flowControl?: FlowControlSettings | undefined;
}

/** The parts of an ordinary server: certificates and tokens, RBAC with its bootstrap policy, admission, documents. */
export function standardParts(options: StandardPartsOptions): (context: ServerContext) => ServerParts {
  return (context) => {
    const { client, store, clock, random, log, signal, resources } = context;
    const { serviceCIDRs, nodePorts } = options;
    const authentication = authenticationParts(options, context);
    const authorization = authorizationParts(options.authorization ?? {}, context);
    const { authorizer, roles } = authorization;
    const allocator = createServiceAllocator({ serviceCIDRs, nodePorts, store, client, clock, random, log });
    const { aggregation, start: startAggregation } = aggregationParts(options, context);
    const flow = flowControlParts(options.flowControl ?? defaultFlowControl, context);
    const running: Promise<void>[] = [];
    return {
      authenticator: authentication.authenticator,
      authorizer,
      admission: admissionParts(options, context, { authorizer, roles, allocation: allocator.plugin }),
      virtualResources: [...authentication.virtualResources, ...accessReviews(authorizer), rulesReview(authorizer)],
      virtualSubresources: authentication.virtualSubresources,
      documents: [
        createDiscovery({ resources, serverAddress: options.serverAddress, remote: aggregation }),
        createOpenApi({ resources, remote: aggregation, clock, signal }),
        ...authentication.documents,
        ...flow.documents,
      ],
      aggregation,
      flowControl: flow.flowControl,
      async start() {
        await Promise.all([
          authorization.start(bootstrapPolicy(options.controllers)),
          flow.start(running),
          bootstrapServiceCIDR(client, serviceCIDRs, timestamp(clock.now())),
        ]);
        running.push(authentication.run(), authorization.run(), allocator.run(signal));
        await Promise.all([allocator.ready(signal), startAggregation(running)]);
      },
      async stopped() {
        await Promise.all(running);
      },
    };
  };
}
