import { builtinResources } from '../api/registry.ts';
import type { Controller } from '../client/controller.ts';
import type { Resource } from '../machinery/resource.ts';
import { bootstrapSigner } from './bootstrap/bootstrap-signer.ts';
import { tokenCleaner } from './bootstrap/token-cleaner.ts';
import { csrApproving } from './certificates/csr-approving.ts';
import { csrCleaner } from './certificates/csr-cleaner.ts';
import { podCertificateRequestCleaner } from './certificates/pod-certificate-request-cleaner.ts';
import { csrSigning } from './certificates/csr-signing.ts';
import type { SigningOptions } from './certificates/csr-signing.ts';
import { nodeCertificateApproving } from './certificates/node-approving.ts';
import { servingTrustPublisher } from './certificates/serving-trust-publisher.ts';
import { clusterRoleAggregation } from './clusterrole/cluster-role-aggregation.ts';
import { deploymentController } from './deployment/deployment.ts';
import { endpointSliceController } from './endpoints/endpoint-slice.ts';
import { endpointWithdrawal } from './endpoints/endpoint-withdrawal.ts';
import { endpointsController } from './endpoints/endpoints.ts';
import { endpointSliceMirroring } from './endpoints/slice-mirroring.ts';
import { garbageCollector } from './garbage/garbage-collector.ts';
import { namespaceController } from './namespace/namespace.ts';
import { nodeIpam } from './node/node-ipam.ts';
import { nodeLifecycle } from './node/node-lifecycle.ts';
import { nodeTtl } from './node/node-ttl.ts';
import { podGarbageCollector } from './node/pod-gc.ts';
import { taintEviction } from './node/taint-eviction.ts';
import { replicaSetController } from './replicaset/replicaset.ts';
import { resourceQuotaController } from './resourcequota/resource-quota.ts';
import { legacyTokenCleaner } from './serviceaccount/legacy-token-cleaner.ts';
import { rootCAPublisher } from './serviceaccount/root-ca.ts';
import { serviceAccountController } from './serviceaccount/service-account.ts';
import { tokenSecretController } from './serviceaccount/token-secret.ts';
import { claimProtection } from './volume/claim-protection.ts';
import { volumeProtection } from './volume/volume-protection.ts';
import type { TokenSubject } from './serviceaccount/token-secret.ts';

/** What controllers must be told; everything else they find in the API. */
export interface ControllersConfig {
  /** PEM of the authorities of the API server's certificate, as they are now. */
  ca(): string;
  /** Networks of pod addresses, such as `10.42.0.0/16`. Default: none, nodes bring their own. */
  readonly clusterCIDRs?: readonly string[] | undefined;
  /** Bits of a node's block per network. */
  readonly nodeCIDRPrefix?: readonly number[] | undefined;
  /** Milliseconds a kubelet may be silent. Default 40 s. */
  readonly nodeMonitorGracePeriod?: number | undefined;
  /** Signs the tokens of legacy token secrets. Default: such secrets are left alone. */
  readonly signToken?: ((subject: TokenSubject) => Promise<string>) | undefined;
  /** Signs certificates that were approved. Default: others do. */
  readonly signing?: SigningOptions | undefined;
  /** Milliseconds without a use after which a legacy token is not needed. Default: a year. */
  readonly legacyTokenPeriod?: number | undefined;
  /** Networks of Services, whose addresses no node has. */
  readonly serviceCIDRs?: readonly string[] | undefined;
}

/** Kinds that the garbage collector follows: all that are kept and deleted, but for events, which expire. */
export const collectedKinds: readonly Resource[] = builtinResources.filter(
  ({ verbs, kind }) => verbs.includes('delete') && verbs.includes('watch') && kind !== 'Event',
);

/** Every controller, also those that are optional; a new one is one line here. */
export function allControllers(config: ControllersConfig): readonly Controller[] {
  const { clusterCIDRs = [], serviceCIDRs = [], signing, signToken } = config;
  return [
    deploymentController,
    replicaSetController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroring,
    endpointWithdrawal(),
    namespaceController,
    serviceAccountController,
    rootCAPublisher(() => config.ca()),
    servingTrustPublisher(() => config.ca()),
    clusterRoleAggregation,
    resourceQuotaController(collectedKinds),
    garbageCollector(collectedKinds),
    nodeLifecycle({ gracePeriod: config.nodeMonitorGracePeriod }),
    taintEviction,
    nodeTtl,
    podGarbageCollector(),
    claimProtection,
    volumeProtection,
    ...(clusterCIDRs.length > 0 ? [nodeIpam({ clusterCIDRs, nodePrefix: config.nodeCIDRPrefix })] : []),
    csrApproving,
    csrCleaner,
    podCertificateRequestCleaner,
    ...(signing ? [csrSigning(signing)] : []),
    nodeCertificateApproving({ foreignNetworks: [...clusterCIDRs, ...serviceCIDRs] }),
    bootstrapSigner,
    tokenCleaner,
    legacyTokenCleaner({ period: config.legacyTokenPeriod }),
    ...(signToken ? [tokenSecretController({ ca: () => config.ca(), sign: signToken })] : []),
  ];
}
