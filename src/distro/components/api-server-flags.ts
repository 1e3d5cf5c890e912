import { admissionFlags } from './admission-flags.ts';
import { auditFlags } from './audit-flags.ts';
import { authenticationFlags } from './authentication-flags.ts';
import { authorizationFlags } from './authorization-flags.ts';
import { certificateFlags, logFlags, refusedEverywhere } from './common-flags.ts';
import { address, boolean, choice, duration, file, integer, many, networks, one, text, texts } from './flag.ts';
import type { FlagValues } from './flag.ts';
import { parseStoreLocation } from './store-location.ts';
import type { RefusedFlags } from './parse-flags.ts';
import { servingFlags } from './serving-flags.ts';

const storeLocation = one({
  value: 'url',
  wanted: 'sqlite:///absolute/path/of/a/file, or memory: for one that forgets',
  read: parseStoreLocation,
});

const etcdUrls = many({
  value: 'url',
  wanted: 'URLs such as https://10.0.0.1:2379, separated by commas',
  read: (given) => (/^https?:\/\/[^\s/,]+\/?$|^unix:\/\/\/[^\s,]+$/.test(given) ? given : undefined),
});

const lifetime = one({
  value: 'duration',
  wanted: 'a duration of at least a second, such as 1h0m0s',
  read(given) {
    const ms = duration('').parse([given], '--event-ttl') ?? 0;
    return ms >= 1000 ? ms : undefined;
  },
});

const portRange = one({
  value: 'first-last',
  wanted: 'a range of ports such as 30000-32767',
  read(given) {
    const [, first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(given) ?? []).map(Number);
    return first !== undefined && last !== undefined && first >= 1 && first <= last && last <= 65_535
      ? { first, last }
      : undefined;
  },
});

/** The flags of `kubets kube-apiserver`. */
export const apiServerFlags = {
  ...auditFlags,
  ...logFlags,
  ...certificateFlags('/var/run/kubernetes'),
  ...servingFlags,
  ...authenticationFlags,
  store: storeLocation('where objects are kept without --etcd-servers: sqlite:///absolute/path/of/a/file, or memory:'),
  'etcd-servers': etcdUrls('the etcd in which objects are kept: the URL of each member'),
  'etcd-prefix': text('what keys in etcd begin with', '/registry'),
  'etcd-cafile': file('authority of the certificates of etcd, PEM; by default those that the system knows'),
  'etcd-certfile': file('certificate to show to etcd, PEM'),
  'etcd-keyfile': file('key of --etcd-certfile, PEM'),
  'etcd-compaction-interval': duration(
    'what was superseded longer ago is forgotten, by one of the servers that share the store; 0: by nobody',
    300_000,
  ),
  'etcd-healthcheck-timeout': duration('how long /healthz waits for the store', 2_000),
  'etcd-readycheck-timeout': duration('as --etcd-healthcheck-timeout, the longer of which counts', 2_000),
  'etcd-count-metric-poll-period': duration('taken and not needed: objects are counted where they are cached', 60_000),
  'etcd-db-metric-poll-interval': duration('taken and not needed: etcd tells its size itself', 30_000),
  'storage-backend': choice(['etcd3'], 'other versions of etcd are gone')('the version of --etcd-servers', 'etcd3'),
  'event-ttl': lifetime('how long events live', 3_600_000),
  'encryption-provider-config': file('an EncryptionConfiguration: which objects are encrypted in the store, and how'),
  'encryption-provider-config-automatic-reload': boolean(
    'follow changes of --encryption-provider-config, within a minute',
    false,
  ),
  'bind-address': address('the address to listen on', '0.0.0.0'),
  'secure-port': integer(1, 65_535, 'port')('the HTTPS port', 6443),
  'advertise-address': address(
    "the address by which pods reach this server; by default --bind-address, or the machine's own if that is unspecified",
  ),
  'service-cluster-ip-range': networks(
    'addresses of Services; a second network of the other family makes the cluster dual-stack',
    ['10.0.0.0/24'],
  ),
  'service-node-port-range': portRange('ports of Services of type NodePort', { first: 30_000, last: 32_767 }),
  'client-ca-file': file('authorities whose client certificates are believed, PEM'),
  'enable-priority-and-fairness': boolean('requests are served by priority, and fairly', true),
  'max-requests-inflight': integer(0, 1_000_000)(
    'seats for requests, together with --max-mutating-requests-inflight; without priority and fairness, those that read',
    400,
  ),
  'max-mutating-requests-inflight': integer(0, 1_000_000)(
    'seats for requests, together with --max-requests-inflight; without priority and fairness, those that write',
    200,
  ),
  ...authorizationFlags,
  ...admissionFlags,
  'endpoint-reconciler-type': choice(['lease'], 'the others can not tell which servers live')(
    'how the endpoints of the Service kubernetes are kept',
    'lease',
  ),
  'kubelet-client-certificate': file('certificate to show to kubelets, PEM'),
  'kubelet-client-key': file('key of --kubelet-client-certificate, PEM'),
  'kubelet-certificate-authority': file(
    "authorities that sign kubelets' serving certificates, PEM; without it any is believed",
  ),
  'proxy-client-cert-file': file('certificate to show to aggregated servers, PEM'),
  'proxy-client-key-file': file('key of --proxy-client-cert-file, PEM'),
  'requestheader-client-ca-file': file('authorities of proxies that may say who asks, PEM'),
  'requestheader-allowed-names': texts('common names that those proxies may have; none means any'),
  'requestheader-username-headers': texts('headers in which proxies name the user', ['X-Remote-User']),
  'requestheader-uid-headers': texts("headers in which proxies give the user's UID", ['X-Remote-Uid']),
  'requestheader-group-headers': texts("headers in which proxies name the user's groups", ['X-Remote-Group']),
  'requestheader-extra-headers-prefix': texts('beginnings of headers with more about the user', ['X-Remote-Extra-']),
  'enable-aggregator-routing': boolean('aggregated servers are reached at their endpoints, as they always are', true),
  'external-hostname': text('the host that documents about this server name; by default the advertised address'),
  'allow-privileged': choice(['true'], 'privileged containers can only be forbidden by who may create pods')(
    'privileged containers may be created',
    'true',
  ),
};

/** What the command line said. */
export type ApiServerFlags = FlagValues<typeof apiServerFlags>;

/** What upstream's kube-apiserver takes besides. */
export const refusedApiServerFlags: RefusedFlags = {
  ...refusedEverywhere,
  'etcd-servers-overrides': 'one store holds all kinds',
  'lease-reuse-duration-seconds': 'how long leases in etcd are shared is fixed',
  'storage-media-type': 'objects are kept as JSON',
  'watch-cache*': 'every kind is served from a cache',
  'default-watch-cache-size': 'every kind is served from a cache',
  'delete-collection-workers': 'deletions share commits by themselves',
  'service-account-signing-endpoint': 'tokens are signed by --service-account-signing-key-file',
  'aggregator-reject-forward-redirect': 'redirects of aggregated servers are refused always',
  'admission-control': 'use --enable-admission-plugins and --disable-admission-plugins',
  'runtime-config': 'every version of every kind that is there is served',
  'apiserver-count': 'servers find each other through the store',
  'kubelet-port': 'each node says where its kubelet listens',
  'kubelet-read-only-port': 'kubelets are asked over HTTPS only',
  'kubelet-preferred-address-types': 'kubelets are reached by InternalIP, then Hostname, then ExternalIP',
  'kubelet-timeout': 'the time to reach a kubelet is fixed',
  'min-request-timeout': 'watches end when their client says',
  'request-timeout': 'clients say how long they wait',
  'goaway-chance': 'connections stay with their server',
  'cors-allowed-origins': 'browsers of other origins are not let in',
  'shutdown-*': 'what is under way is ended within two seconds',
  'livez-grace-period': 'the port opens when the server is ready',
  'egress-selector-config-file': 'nodes are reached directly',
  'tracing-config-file': 'there is no tracing',
  'insecure-*': 'there is no port without TLS, as in upstream',
  'secure-port-*': 'there is one port, --secure-port',
  'identity-lease-*': 'servers that share a store find each other through keys in it',
  'peer-*': 'servers that share a store serve the same',
};
