import { existsSync, readFileSync } from 'node:fs';
import type { AggregationSettings } from '../../apiserver/aggregation/aggregation-parts.ts';
import { issueLegacyToken } from '../../apiserver/authentication/legacy-tokens.ts';
import { usualRequestHeaders } from '../../apiserver/authentication/request-header-authenticator.ts';
import { signingKey } from '../../apiserver/authentication/signing-keys.ts';
import { serviceAccountGroups, serviceAccountUserName } from '../../apiserver/authentication/users.ts';
import { createApiServer } from '../../apiserver/create-api-server.ts';
import type { ApiServer } from '../../apiserver/create-api-server.ts';
import type { User } from '../../apiserver/ports.ts';
import type { ServerTls } from '../../apiserver/http/listener.ts';
import { serveApi } from '../../apiserver/http/serve.ts';
import { standardParts } from '../../apiserver/standard-parts.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import { MetricRegistry } from '../../base/metrics/metric-registry.ts';
import { systemClock } from '../../base/system-clock.ts';
import { systemRandom } from '../../base/system-random.ts';
import { allControllers } from '../../controllers/registry.ts';
import { runControllers } from '../../controllers/run-controllers.ts';
import { applyAddons } from '../addons/apply-addons.ts';
import { nodeAddons } from '../addons/node-certificates.ts';
import { firstReadyNode } from '../addons/first-ready-node.ts';
import { clusterDns } from '../addons/cluster-dns.ts';
import { clusterLocation } from '../backup/cluster-location.ts';
import { clusterSnapshots } from '../backup/cluster-snapshots.ts';
import { snapshotDocument } from '../backup/snapshot-document.ts';
import { selectControllers } from '../components/controller-selection.ts';
import { encryptObjects, openEncryption } from '../components/encryption.ts';
import { openAudit } from '../components/open-audit.ts';
import { openStore } from '../components/open-store.ts';
import { schedulerComponent } from '../components/scheduler-component.ts';
import { locationText } from '../components/store-location.ts';
import { useRenewed } from '../components/use-renewed.ts';
import { spansMachines } from '../config/cluster-config.ts';
import type { Layout } from '../config/layout.ts';
import { kubetsImageName } from '../images/kubets-image.ts';
import { keptToken } from '../join/cluster-token.ts';
import { joinHandler } from '../join/join-handler.ts';
import { settingsOf } from '../join/shared-data.ts';
import { pkiFiles } from '../pki/cluster-pki.ts';
import { trimMemory } from '../process/trim-memory.ts';
import { createFileLogger } from '../process/log-file.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { kubernetesVersion } from '../version.ts';
import { followPki } from './followed-pki.ts';
import type { FollowedPki } from './followed-pki.ts';
import { keepCertificates } from './keep-certificates.ts';
import { clusterAdmission } from './cluster-admission.ts';
import { clusterAuthentication, clusterIssuer } from './cluster-authentication.ts';
import { clusterAuthorization } from './cluster-authorization.ts';
import { clusterAudit } from './cluster-audit.ts';
import { nodeSigning } from './node-signing.ts';
import { runLed } from './run-led.ts';

interface ControlPlane {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
  readonly pki: FollowedPki;
  readonly clock: Clock;
  readonly random: typeof systemRandom;
  logger(component: string): Logger;
}

/** Runs the control plane of the cluster in `dataDir` until aborted: API server, scheduler, controllers, add-ons. */
export async function runServer(dataDir: string, signal: AbortSignal): Promise<void> {
  const { plan, layout } = requirePlan(dataDir);
  const clock = systemClock;
  const logger = (component: string): Logger =>
    createFileLogger({ component, directory: layout.logs, verbosity: plan.config.verbosity, clock });
  const pki = followPki(layout.pki);
  const controlPlane = { plan, layout, pki, clock, random: systemRandom, logger };
  const location = clusterLocation(plan, layout);
  await using stored = await openStore(location, { clock, log: logger('kube-apiserver') });
  await using encryption = await openEncryption({
    path: existsSync(layout.encryption) ? layout.encryption : undefined,
    reloads: true,
    ...{ clock, random: systemRandom, log: logger('kube-apiserver'), signal },
  });
  const store = encryptObjects(stored, { encryption, location, clock });
  const controllers = controllersOf(controlPlane);
  const aggregation = aggregationSettings(pki);
  const metrics = new MetricRegistry();
  const recording = { clock, random: systemRandom, log: logger('kube-apiserver'), metrics, signal };
  const recorded = clusterAudit(plan.config, layout);
  const audit = await openAudit(recorded.flags, recording, recorded.policy);
  const admission = await clusterAdmission(plan.config);
  const authentication = await clusterAuthentication(plan.config, recording);
  const authorization = await clusterAuthorization(plan.config, recording);
  await using server = await createApiServer({
    store,
    clock,
    random: systemRandom,
    log: logger('kube-apiserver'),
    metrics,
    kubernetesService: { clusterIP: plan.kubernetesServiceIP, endpoints: [plan.apiAddress], port: plan.config.apiPort },
    parts: (context) => ({
      ...standardParts({
        issuer: clusterIssuer(plan.config),
        signingKey: readFileSync(pkiFiles(layout.pki).serviceAccountKey, 'utf8'),
        serviceCIDRs: [plan.config.serviceCIDR],
        serverAddress: `${plan.apiAddress}:${plan.config.apiPort}`,
        controllers,
        ...aggregation,
        ...admission,
        ...authentication,
        authorization,
      })(context),
      audit,
    }),
  });
  const name = locationText(location);
  await using listener = await serveApi({
    server,
    ...listening(controlPlane),
    beside: joining(server, controlPlane),
    streamed: [snapshotDocument(stored, name, clock)],
    healthChecks: encryption.healthChecks,
  });
  logger('kube-apiserver').info('Serving securely', {
    port: plan.config.apiPort,
    sinceStart: Math.round(performance.now()),
  });
  await Promise.all([
    runAlone(scheduler(server, controlPlane), { server, controlPlane, signal }),
    runAlone(controllerManager(server, controllers, controlPlane), { server, controlPlane, signal }),
    applyAddons(server.client(addonManager), nodeAddons, { clock, log: logger('addons'), signal }),
    addons(server, controlPlane, signal),
    clusterSnapshots({ store: stored, name, plan, layout, clock, log: logger('kube-apiserver') })?.run(signal),
    keepCertificates({ plan, layout, store: stored, clock, log: logger('certificates'), signal }),
    pki.follow(() => useRenewed({ listener, server }, servingTls(pki), aggregationSettings(pki)), {
      clock,
      log: logger('certificates'),
      signal,
    }),
    trimMemory(clock, signal),
  ]);
  // Before the listener closes: clients are sent elsewhere first.
  if (spansMachines(plan.config)) await server.withdraw();
}

/** Of several control-plane machines one at a time runs a component; a single one needs no election. */
function runAlone(
  component: Component,
  { server, controlPlane, signal }: { server: ApiServer; controlPlane: ControlPlane; signal: AbortSignal },
): Promise<void> {
  const { plan, clock, random, logger } = controlPlane;
  if (plan.config.etcdServers.length === 0) return component.run(signal);
  const client = server.client({ name: `system:${component.name}`, groups: ['system:authenticated'] });
  const identity = `${plan.nodes[0]?.name}_${random.uuid()}`;
  return runLed(component, { client, identity, clock, log: logger(component.name) }, signal);
}

/** Lets nodes join that show this cluster's token. */
function joining(server: ApiServer, { plan, layout, clock, logger }: ControlPlane): ReturnType<typeof joinHandler> {
  return joinHandler({
    pki: layout.pki,
    clusterToken: keptToken(layout) ?? '',
    settings: settingsOf(plan.config),
    client: server.client(addonManager),
    server: `${plan.apiAddress}:${plan.config.apiPort}`,
    clock,
    log: logger('kube-apiserver'),
  });
}

/** How aggregated servers know this one, and how it knows who may speak for users. */
function aggregationSettings(pki: FollowedPki): AggregationSettings {
  const { ca, frontProxyCa } = pki.texts;
  return {
    clientCa: ca,
    requestHeader: { ca: frontProxyCa, allowedNames: ['front-proxy-client'], ...usualRequestHeaders },
    proxyClient: {
      get cert() {
        return pki.texts.proxyCert;
      },
      get key() {
        return pki.texts.proxyKey;
      },
    },
  };
}

function servingTls({ texts }: FollowedPki): ServerTls {
  return { cert: texts.cert, key: texts.key, clientCa: [texts.ca, texts.frontProxyCa] };
}

function listening({ plan, pki }: ControlPlane) {
  return {
    host: '0.0.0.0',
    port: plan.config.apiPort,
    tls: servingTls(pki),
    kubeletTls: {
      get ca() {
        return pki.texts.ca;
      },
      get cert() {
        return pki.texts.kubeletCert;
      },
      get key() {
        return pki.texts.kubeletKey;
      },
    },
    version: { gitVersion: kubernetesVersion },
  };
}

async function addons(server: ApiServer, { plan, clock, logger }: ControlPlane, signal: AbortSignal): Promise<void> {
  const client = server.client(addonManager);
  await firstReadyNode(client, { clock, signal });
  await applyAddons(client, clusterDns(dnsOptions(plan)), { clock, log: logger('addons'), signal });
}

const addonManager: User = { name: 'system:kubets:addons', groups: ['system:masters', 'system:authenticated'] };

function dnsOptions(plan: ClusterPlan) {
  return { image: kubetsImageName, clusterIP: plan.dnsServiceIP, clusterDomain: plan.config.clusterDomain };
}

function controllersOf({ plan, layout, pki }: ControlPlane) {
  const files = pkiFiles(layout.pki);
  const signing = signingKey(readFileSync(files.serviceAccountKey, 'utf8'));
  return allControllers({
    ca: () => pki.texts.ca,
    clusterCIDRs: [plan.config.clusterCIDR],
    serviceCIDRs: [plan.config.serviceCIDR],
    signToken: (subject) => issueLegacyToken(signing, subject),
    signing: nodeSigning(layout.pki),
  });
}

function controllerManager(
  server: ApiServer,
  controllers: ReturnType<typeof controllersOf>,
  { clock, random, logger }: ControlPlane,
): Component {
  const manager: User = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] };
  return runControllers({
    controllers: selectControllers(controllers, ['*', 'node-certificate-approver']),
    client: (controller) => server.client(controller === undefined ? manager : controllerUser(controller)),
    clock,
    random,
    log: logger('kube-controller-manager'),
  });
}

function controllerUser(name: string): User {
  return {
    name: serviceAccountUserName('kube-system', name),
    groups: [...serviceAccountGroups('kube-system'), 'system:authenticated'],
  };
}

function scheduler(server: ApiServer, { clock, random, logger }: ControlPlane): Component {
  const client = server.client({ name: 'system:kube-scheduler', groups: ['system:authenticated'] });
  return schedulerComponent({ client, clock, random, log: logger('kube-scheduler') });
}
