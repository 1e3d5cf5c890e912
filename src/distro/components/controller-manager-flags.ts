import {
  clientFlags,
  healthFlags,
  leaderElectionFlags,
  logFlags,
  refusedEverywhere,
  refusedServing,
} from './common-flags.ts';
import { clusterSigningFlags } from './cluster-signing.ts';
import { boolean, choice, duration, file, integer, networks, texts } from './flag.ts';
import type { FlagValues } from './flag.ts';
import type { RefusedFlags } from './parse-flags.ts';

const mask = integer(8, 30, 'bits');

/** The flags of `kubets kube-controller-manager`. */
export const controllerManagerFlags = {
  ...logFlags,
  ...clientFlags,
  ...healthFlags(10_257),
  ...leaderElectionFlags('kube-controller-manager'),
  controllers: texts(
    'which controllers run: * for all that are usual, a name, or a name behind - to leave it out; not usual are bootstrap-signer-controller, token-cleaner-controller and node-certificate-approver',
    ['*'],
  ),
  'root-ca-file': file(
    'authority put into the ConfigMap kube-root-ca.crt and into token secrets, PEM; by default the one of --kubeconfig',
  ),
  'service-account-private-key-file': file(
    'signs the tokens of secrets of type service-account-token, PEM; without it they stay empty',
  ),
  ...clusterSigningFlags,
  'use-service-account-credentials': choice(
    ['false'],
    'all controllers act as the identity of --kubeconfig, whose role allows what they need',
  )('one identity per controller', 'false'),
  'cluster-cidr': networks('addresses of pods, out of which nodes get their blocks'),
  'allocate-node-cidrs': boolean('give every node a block of --cluster-cidr', false),
  'node-cidr-mask-size': mask("length of the prefix of a node's block"),
  'node-cidr-mask-size-ipv4': mask("length of the prefix of a node's IPv4 block"),
  'node-cidr-mask-size-ipv6': integer(8, 126, 'bits')("length of the prefix of a node's IPv6 block"),
  'node-monitor-grace-period': duration('how long a kubelet may be silent before its node is unhealthy', 50_000),
  'legacy-service-account-token-clean-up-period': duration(
    'how long a token that was made by itself must be unused until it is marked invalid, and then deleted',
    8760 * 3_600_000,
  ),
};

/** What the command line said. */
export type ControllerManagerFlags = FlagValues<typeof controllerManagerFlags>;

const workers = 'controllers decide themselves how many keys they work on at once';
const absent = 'the controller that it would set is not there yet';

/** What upstream's kube-controller-manager takes besides. */
export const refusedControllerManagerFlags: RefusedFlags = {
  ...refusedEverywhere,
  ...refusedServing,
  'concurrent-*': workers,
  'large-cluster-size-threshold': 'nodes are not counted for the pace of eviction',
  'node-eviction-rate': 'pods are evicted as their tolerations say',
  'secondary-node-eviction-rate': 'pods are evicted as their tolerations say',
  'unhealthy-zone-threshold': 'zones are not looked at for the pace of eviction',
  'node-monitor-period': 'leases are watched, not polled',
  'node-startup-grace-period': 'a node that never reported has a minute',
  'pod-eviction-timeout': 'the tolerations of a pod say when it is evicted',
  'terminated-pod-gc-threshold': 'the number of finished pods that are kept is fixed',
  'service-cluster-ip-range': 'choose --cluster-cidr so that it does not overlap the addresses of Services',
  'cidr-allocator-type': 'blocks are given out of --cluster-cidr',
  'cloud-*': 'there are no cloud providers',
  'configure-cloud-routes': 'there are no cloud providers',
  'route-reconciliation-period': 'there are no cloud providers',
  'node-sync-period': 'there are no cloud providers',
  'cluster-name': 'the name is used by cloud providers only, and there are none',
  'horizontal-pod-autoscaler-*': absent,
  'resource-quota-sync-period': absent,
  'pvclaimbinder-sync-period': absent,
  'pv-recycler-*': absent,
  'flex-volume-plugin-dir': absent,
  'enable-dynamic-provisioning': absent,
  'enable-hostpath-provisioner': absent,
  'attach-detach-*': absent,
  'disable-attach-detach-*': absent,
  'disable-force-detach-on-timeout': absent,
  'volume-host-*': absent,
  'ttl-after-finished-*': absent,
  'endpoint-updates-batch-period': 'changes of endpoints are written as soon as they are known',
  'endpointslice-updates-batch-period': 'changes of endpoints are written as soon as they are known',
  'max-endpoints-per-slice': 'a slice has at most 100 endpoints',
  'mirroring-*': absent,
  'namespace-sync-period': 'namespaces are watched',
  'deployment-controller-sync-period': 'deployments are watched',
  'min-resync-period': 'caches follow watches and are not synchronised again',
  'controller-start-interval': 'all controllers start at once',
  'enable-garbage-collector': 'leave it out with --controllers=*,-garbage-collector-controller',
  'enable-taint-manager': 'leave it out with --controllers=*,-taint-eviction-controller',
  'enable-leader-migration': 'there is no cloud controller to migrate to',
  'leader-migration-config': 'there is no cloud controller to migrate to',
};
