import { issueLegacyToken } from '../../apiserver/authentication/legacy-tokens.ts';
import { signingKey } from '../../apiserver/authentication/signing-keys.ts';
import { messageOf } from '../../base/errors.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import { RunnerCounters } from '../../client/runner-metrics.ts';
import { allControllers } from '../../controllers/registry.ts';
import type { ControllersConfig } from '../../controllers/registry.ts';
import { runControllers } from '../../controllers/run-controllers.ts';
import { UsageError } from '../config/cluster-config.ts';
import { signingOptions } from './cluster-signing.ts';
import { needed, readFlagFile } from './common-flags.ts';
import type { ComponentContext } from './component-command.ts';
import { connectionOf } from './component-flags.ts';
import { serveComponentHealth } from './component-health.ts';
import type { ControllerManagerFlags } from './controller-manager-flags.ts';
import { selectControllers } from './controller-selection.ts';
import { lead } from './lead.ts';

/** Runs the controllers alone until aborted; rejects when the lease was lost. Throws UsageError. */
export async function runControllerManager(flags: ControllerManagerFlags, context: ComponentContext): Promise<void> {
  const { clock, random, log } = context;
  const connection = await connectionOf(flags.kubeconfig);
  const controllers = selectControllers(allControllers(controllersConfig(flags, connection)), flags.controllers);
  await using client = createHttpClient({ ...connection, userAgent: 'kube-controller-manager' }, { clock });
  const metrics = new RunnerCounters();
  const health = { component: 'kube-controller-manager', client, metrics: () => metrics.format() };
  await using _health = await serveComponentHealth(flags, health, context);
  const manager = runControllers({ controllers, client: () => client, clock, random, log, metrics });
  await lead(flags, { client, run: (signal) => manager.run(signal) }, context);
}

function controllersConfig(flags: ControllerManagerFlags, connection: Connection): ControllersConfig {
  const ca = authorities(flags, connection);
  const key = flags['service-account-private-key-file'];
  return {
    ca,
    ...nodeBlocks(flags),
    signing: signingOptions(flags),
    nodeMonitorGracePeriod: flags['node-monitor-grace-period'],
    legacyTokenPeriod: cleanUpPeriod(flags),
    ...(key === undefined ? {} : { signToken: tokenSigner(key) }),
  };
}

/** The authorities of the API server, from the file as it is now where one is named. */
function authorities(flags: ControllerManagerFlags, connection: Connection): () => string {
  const path = flags['root-ca-file'];
  if (path === undefined) {
    const known = needed(
      connection.ca,
      '--root-ca-file',
      'the authority of the API server, which --kubeconfig does not name',
    );
    return () => known;
  }
  readFlagFile(path, '--root-ca-file');
  return () => readFlagFile(path, '--root-ca-file');
}

function cleanUpPeriod({ 'legacy-service-account-token-clean-up-period': period }: ControllerManagerFlags): number {
  if (period > 0) return period;
  throw new UsageError('--legacy-service-account-token-clean-up-period must be more than 0');
}

function nodeBlocks(flags: ControllerManagerFlags): Pick<ControllersConfig, 'clusterCIDRs' | 'nodeCIDRPrefix'> {
  const { 'cluster-cidr': networks, 'allocate-node-cidrs': allocate, 'node-cidr-mask-size': mask } = flags;
  if (!allocate) {
    if (networks.length > 0)
      throw new UsageError('--cluster-cidr is used only with --allocate-node-cidrs=true: give both');
    return {};
  }
  if (networks.length === 0)
    throw new UsageError('--allocate-node-cidrs needs --cluster-cidr: a network such as 10.244.0.0/16');
  const own = (network: string): number =>
    network.includes(':')
      ? (flags['node-cidr-mask-size-ipv6'] ?? mask ?? 64)
      : (flags['node-cidr-mask-size-ipv4'] ?? mask ?? 24);
  for (const network of networks) {
    const length = Number(network.split('/')[1]);
    if (own(network) < length)
      throw new UsageError(
        `a node's block of /${own(network)} does not fit into --cluster-cidr ${network}: make the mask at least ${length}`,
      );
  }
  return { clusterCIDRs: networks, nodeCIDRPrefix: networks.map(own) };
}

function tokenSigner(path: string): NonNullable<ControllersConfig['signToken']> {
  const pem = readFlagFile(path, '--service-account-private-key-file');
  try {
    const key = signingKey(pem);
    return (subject) => issueLegacyToken(key, subject);
  } catch (error) {
    throw new UsageError(`--service-account-private-key-file ${path} is no private key: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
