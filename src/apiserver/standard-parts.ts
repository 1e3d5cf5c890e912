import { timestamp } from '../base/clock.ts';
import { admissionParts } from './admission/admission-parts.ts';
import type { AdmissionSettings } from './admission/admission-parts.ts';
import type { NodePortRange } from './allocators/node-port-allocation.ts';
import { bootstrapServiceCIDR } from './bootstrap.ts';
import { createServiceAllocator } from './allocators/service-allocator.ts';
import { aggregationParts } from './aggregation/aggregation-parts.ts';
import type { AggregationSettings } from './aggregation/aggregation-parts.ts';
import { createAuthentication } from './authentication/authentication.ts';
import { createBootstrapTokens } from './authentication/bootstrap-tokens.ts';
import { createIssuerDiscovery } from './authentication/issuer-discovery.ts';
import { createLegacyTokens } from './authentication/legacy-tokens.ts';
import { certificateAuthenticators } from './authentication/request-header-authenticator.ts';
import { selfSubjectReviews, tokenReviews } from './authentication/reviews.ts';
import { createServiceAccountTokens } from './authentication/service-account-tokens.ts';
import { LegacyTokenTracking } from './authentication/legacy-token-tracking.ts';
import { signingKey, verificationKeys } from './authentication/signing-keys.ts';
import {
  audienceAgnostic,
  createStaticTokens,
  createTokenAuthenticator,
  createTokenVerifier,
} from './authentication/token-authenticator.ts';
import type { TokenAuthority } from './authentication/token-authority.ts';
import { tokenRequests } from './authentication/token-request.ts';
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
export interface StandardPartsOptions extends AggregationSettings, AdmissionSettings {
  /** Such as `https://kubernetes.default.svc.cluster.local`; also the server's own audience. */
  readonly issuer: string;
  /** PEM of the key that signs service account tokens. */
  readonly signingKey: string;
  /** PEM files of further keys, public or private, whose tokens are accepted. */
  readonly verificationKeys?: readonly string[] | undefined;
  /** How service account tokens are issued and accepted. */
  readonly serviceAccounts?: ServiceAccountSettings | undefined;
  /** `10.96.0.0/12`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCIDRs: readonly string[];
  /** Ports of NodePort Services. Default: 30000-32767. */
  readonly nodePorts?: NodePortRange | undefined;
  /** Where clients reach the server: `10.0.0.1:6443`. */
  readonly serverAddress: string;
  /** The text of `--token-auth-file`. */
  readonly staticTokens?: string | undefined;
  /** Whether nodes may show bootstrap tokens. Default: false. */
  readonly bootstrapTokens?: boolean | undefined;
  /** Default: true. */
  readonly anonymous?: boolean | undefined;
  /** Who decides what users may do. Default: Node, then RBAC. */
  readonly authorization?: AuthorizationSettings | undefined;
  /** What each controller needs: their bootstrap roles are made of it. */
  readonly controllers?: readonly ControllerPermissions[] | undefined;
  /** When requests are served. Default: with priority and fairness. */
  readonly flowControl?: FlowControlSettings | undefined;
}

/** Settings of service account tokens, beside their issuer and keys. */
export interface ServiceAccountSettings {
  /** Issuers whose tokens are accepted besides. */
  readonly formerIssuers?: readonly string[] | undefined;
  /** The API server's own. Default: the issuers. */
  readonly audiences?: readonly string[] | undefined;
  /** Where others find the keys. Default: at this server. */
  readonly jwksUri?: string | undefined;
  /** The longest life of a token, in seconds. */
  readonly maxSeconds?: number | undefined;
  /** Whether tokens that admission puts into pods live a year. Default: true. */
  readonly extend?: boolean | undefined;
  /** Whether the objects behind legacy tokens must be there. Default: true. */
  readonly lookup?: boolean | undefined;
}

/** The parts of an ordinary server: certificates and tokens, RBAC with its bootstrap policy, admission, documents. */
export function standardParts(options: StandardPartsOptions): (context: ServerContext) => ServerParts {
  return (context) => {
    const { client, find, store, clock, random, log, signal, resources } = context;
    const { serviceCIDRs, nodePorts } = options;
    const authority = authorityOf(options);
    const { audiences } = authority;
    const { staticTokens } = options;
    const lookup = options.serviceAccounts?.lookup;
    const tokens = createTokenVerifier(
      [
        ...(staticTokens === undefined ? [] : [audienceAgnostic(createStaticTokens(staticTokens), audiences)]),
        createLegacyTokens(authority, { client, find, clock, log, lookup }),
        createServiceAccountTokens(authority, { client, find, clock }),
        ...(options.bootstrapTokens === true
          ? [audienceAgnostic(createBootstrapTokens({ find, clock, log }), audiences)]
          : []),
      ],
      clock,
    );
    const authorization = authorizationParts(options.authorization ?? {}, context);
    const { authorizer, roles } = authorization;
    const allocator = createServiceAllocator({ serviceCIDRs, nodePorts, store, client, clock, random, log });
    const { aggregation, start: startAggregation } = aggregationParts(options, context);
    const flow = flowControlParts(options.flowControl ?? defaultFlowControl, context);
    const running: Promise<void>[] = [];
    return {
      authenticator: createAuthentication({
        authenticators: [
          ...certificateAuthenticators(options.requestHeader, options.clientCa ?? '', () => clock.now()),
          createTokenAuthenticator(tokens, audiences),
        ],
        anonymous: options.anonymous,
      }),
      authorizer,
      admission: admissionParts(options, context, { authorizer, roles, allocation: allocator.plugin }),
      virtualResources: [
        tokenReviews(tokens, audiences),
        selfSubjectReviews(clock),
        ...accessReviews(authorizer),
        rulesReview(authorizer),
      ],
      virtualSubresources: [tokenRequests({ authority, client, clock, random, ...options.serviceAccounts })],
      documents: [
        createDiscovery({ resources, serverAddress: options.serverAddress, remote: aggregation }),
        createOpenApi({ resources, remote: aggregation, clock, signal }),
        createIssuerDiscovery(authority, {
          serverUrl: `https://${options.serverAddress}`,
          jwksUri: options.serviceAccounts?.jwksUri,
        }),
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
        const tracking = new LegacyTokenTracking({ client, clock, log });
        running.push(authorization.run(), allocator.run(signal), tracking.run(signal));
        await Promise.all([allocator.ready(signal), startAggregation(running)]);
      },
      async stopped() {
        await Promise.all(running);
      },
    };
  };
}

function authorityOf(options: StandardPartsOptions): TokenAuthority {
  const { issuer, signingKey: pem, verificationKeys: files = [] } = options;
  const { formerIssuers = [], audiences = [issuer, ...formerIssuers] } = options.serviceAccounts ?? {};
  const signing = signingKey(pem);
  const further = files.flatMap(verificationKeys).filter(({ id }) => id !== signing.id);
  return { issuer, formerIssuers, signing, keys: [signing, ...further], audiences };
}
