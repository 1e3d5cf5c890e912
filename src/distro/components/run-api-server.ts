import type { AggregationSettings } from '../../apiserver/aggregation/aggregation-parts.ts';
import type { AdmissionSettings } from '../../apiserver/admission/admission-parts.ts';
import { createApiServer } from '../../apiserver/create-api-server.ts';
import { messageOf } from '../../base/errors.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import { standardParts } from '../../apiserver/standard-parts.ts';
import type { StandardPartsOptions } from '../../apiserver/standard-parts.ts';
import { allControllers } from '../../controllers/registry.ts';
import { formatIP, parseNetwork } from '../../machinery/ip-address.ts';
import { UsageError } from '../config/cluster-config.ts';
import { hostAddresses } from '../node-network.ts';
import { trimMemory } from '../process/trim-memory.ts';
import { snapshotDocument } from '../backup/snapshot-document.ts';
import { kubernetesVersion } from '../version.ts';
import { admissionSettings } from './admission-flags.ts';
import { ApiServerCertificates } from './api-server-certificates.ts';
import type { ApiServerFlags } from './api-server-flags.ts';
import { authenticationSettings, refuseOverlap } from './authentication-settings.ts';
import { needed } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { encryptObjects, openEncryption } from './encryption.ts';
import { authorizationSettings } from './authorization-settings.ts';
import { flowControlSettings } from './flow-control-settings.ts';
import { openAudit } from './open-audit.ts';
import { openStore } from './open-store.ts';
import { locationText } from './store-location.ts';
import type { StoreLocation } from './store-location.ts';
import { servingCertificate } from './serving-certificate.ts';
import { connectionLimits, standingHeaders } from './serving-flags.ts';
import { untilAborted } from './until-aborted.ts';
import { useRenewed } from './use-renewed.ts';

/** Runs an API server alone until aborted. Throws UsageError for flags that don't go together. */
export async function runApiServer(flags: ApiServerFlags, given: ComponentContext): Promise<void> {
  const { clock, random, log, signal } = given;
  const metrics = new MetricRegistry();
  const context = { ...given, metrics };
  const location = storeLocation(flags);
  const address = advertisedAddress(flags);
  const port = flags['secure-port'];
  const clusterIP = firstAddress(flags['service-cluster-ip-range']);
  const certificates = new ApiServerCertificates(flags);
  const aggregation = aggregationSettings(flags, certificates);
  const parts = {
    ...partsOptions(flags, address, { admission: await admissionSettings(flags), aggregation }),
    ...(await authenticationSettings(flags, context)),
    authorization: await authorizationSettings(flags, context),
  };
  const limits = connectionLimits(flags);
  const standing = standingHeaders(flags);
  const own = { name: 'apiserver', names: servingNames(address, clusterIP), now: clock.now() };
  const made = await servingCertificate(flags, own);
  const tls = certificates.serving(made);
  const kubeletTls = certificates.kubelet();
  const audit = await openAudit(flags, context);
  await using stored = await openStore(location, { clock, log });
  await using encryption = await openEncryption({
    path: flags['encryption-provider-config'],
    reloads: flags['encryption-provider-config-automatic-reload'],
    ...{ clock, random, log, signal },
  });
  const store = encryptObjects(stored, { encryption, location, clock });
  await using server = await createApiServer({
    ...{ store, clock, random, log, metrics },
    kubernetesService: { clusterIP, endpoints: [address], port },
    compactionInterval: flags['etcd-compaction-interval'],
    healthTimeout: Math.max(flags['etcd-healthcheck-timeout'], flags['etcd-readycheck-timeout']),
    eventTtl: Math.ceil(flags['event-ttl'] / 1000),
    parts: (serverContext) => ({ ...standardParts(parts)(serverContext), audit }),
  });
  const version = { gitVersion: kubernetesVersion };
  const { healthChecks } = encryption;
  const host = flags['bind-address'];
  const snapshot = snapshotDocument(stored, locationText(location), clock);
  await using listener = await listening(
    serveApi({ server, host, port, tls, limits, standing, kubeletTls, version, healthChecks, streamed: [snapshot] }),
    `${host}:${port}`,
  );
  log.info('Serving securely', { address: flags['bind-address'], port, msSinceStart: Math.round(performance.now()) });
  const renew = (): void => {
    const authorities = { ...aggregation, clientCa: certificates.clientAuthorities };
    useRenewed({ listener, server }, certificates.serving(made), authorities);
  };
  await Promise.all([
    untilAborted(signal),
    trimMemory(clock, signal),
    certificates.files.follow(renew, { clock, log, signal }),
  ]);
  log.info('Stopping');
  await server.withdraw();
}

function storeLocation(flags: ApiServerFlags): StoreLocation {
  const servers = flags['etcd-servers'];
  if (servers.length > 0) {
    if (flags.store !== undefined) throw new UsageError('--store and --etcd-servers name two stores: give one of them');
    const { 'etcd-cafile': caFile, 'etcd-certfile': certFile, 'etcd-keyfile': keyFile } = flags;
    return { etcd: { servers, prefix: flags['etcd-prefix'], caFile, certFile, keyFile } };
  }
  const wanted = 'sqlite:///absolute/path/of/a/file keeps objects, memory: forgets them; or --etcd-servers';
  return needed(flags.store, '--store', wanted);
}

async function listening<T>(opening: Promise<T>, address: string): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    throw new UsageError(
      `${address} can't be listened on: ${messageOf(error)}; --secure-port and --bind-address name another place`,
      {
        cause: error,
      },
    );
  }
}

function partsOptions(
  flags: ApiServerFlags,
  address: string,
  { admission, aggregation }: { readonly admission: AdmissionSettings; readonly aggregation: AggregationSettings },
): Omit<StandardPartsOptions, 'issuer' | 'signingKey'> {
  return {
    serviceCIDRs: flags['service-cluster-ip-range'],
    nodePorts: flags['service-node-port-range'],
    serverAddress: `${flags['external-hostname'] ?? urlHost(address)}:${flags['secure-port']}`,
    ...admission,
    ...aggregation,
    flowControl: flowControlSettings(flags),
    // Every controller that could run somewhere has its role here.
    controllers: allControllers({
      ca: () => '',
      clusterCIDRs: ['10.0.0.0/8'],
      signToken: () => Promise.reject(new Error('the API server runs no controller')),
      signing: { authority: () => undefined },
    }),
  };
}

function aggregationSettings(flags: ApiServerFlags, certificates: ApiServerCertificates): AggregationSettings {
  const { clientAuthorities, proxyAuthorities } = certificates;
  refuseOverlap(clientAuthorities, proxyAuthorities, flags['requestheader-allowed-names']);
  return {
    clientCa: clientAuthorities,
    requestHeader:
      proxyAuthorities === undefined
        ? undefined
        : {
            ca: proxyAuthorities,
            allowedNames: flags['requestheader-allowed-names'],
            usernameHeaders: flags['requestheader-username-headers'],
            uidHeaders: flags['requestheader-uid-headers'],
            groupHeaders: flags['requestheader-group-headers'],
            extraHeaderPrefixes: flags['requestheader-extra-headers-prefix'],
          },
    proxyClient: certificates.proxyClient(),
  };
}

function advertisedAddress(flags: ApiServerFlags): string {
  const { 'advertise-address': advertised, 'bind-address': bound } = flags;
  if (advertised !== undefined) return advertised;
  const reachable = !['0.0.0.0', '::', '127.0.0.1', '::1'].includes(bound);
  return reachable ? bound : (hostAddresses().primary ?? bound);
}

function servingNames(address: string, clusterIP: string): readonly string[] {
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  return [...new Set([...service, 'localhost', '127.0.0.1', clusterIP, address])];
}

function firstAddress([network]: readonly string[]): string {
  const parsed = network === undefined ? undefined : parseNetwork(network);
  if (!parsed) throw new UsageError('--service-cluster-ip-range must be a network such as 10.96.0.0/16');
  return formatIP({ ...parsed.address, value: parsed.address.value + 1n });
}

function urlHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
