import { readFileSync } from 'node:fs';
import { messageOf } from '../../base/errors.ts';
import { UsageError } from '../config/cluster-config.ts';
import { address, boolean, choice, duration, file, folder, integer, port, text } from './flag.ts';
import type { RefusedFlags } from './parse-flags.ts';

/** Flags of every component: how much it says, and where. */
export const logFlags = {
  v: integer(0, 10)('how much is logged', 2),
  'logging-format': choice(['text', 'json'])("klog's text, or a JSON object a line", 'text'),
  'log-dir': folder('write <folder>/<component>.INFO, rotated at 64 MiB, instead of standard error'),
  version: boolean('print the version and end', false),
};

/** Flags of a component that talks to an API server. */
export const clientFlags = {
  kubeconfig: file('names the API server, and the identity to show there'),
};

/** Flags of a component of which several may run while one works. */
export const leaderElectionFlags = (lease: string) => ({
  'leader-elect': boolean('work only while holding the lease: several may run', true),
  'leader-elect-lease-duration': duration('how long others wait after the last renewal', 15_000),
  'leader-elect-renew-deadline': duration('how long the leader tries to renew before it gives up', 10_000),
  'leader-elect-retry-period': duration('pause between attempts', 2_000),
  'leader-elect-resource-lock': choice(['leases'], 'the other kinds of lock are gone')('kind of the lock', 'leases'),
  'leader-elect-resource-name': text('name of the lease', lease),
  'leader-elect-resource-namespace': text('namespace of the lease', 'kube-system'),
});

/** Flags of the HTTPS port for health and metrics. */
export const healthFlags = (securePort: number) => ({
  'bind-address': address('where the HTTPS port for /healthz and /metrics listens', '0.0.0.0'),
  'secure-port': port('the HTTPS port for /healthz and /metrics; 0 serves none', securePort),
  ...certificateFlags('/var/run/kubernetes'),
  'client-ca-file': file('authorities whose client certificates are believed, PEM'),
  'authentication-kubeconfig': file('asks this API server about tokens instead of the one of --kubeconfig'),
  'authorization-kubeconfig': file('asks this API server about permissions instead of the one of --kubeconfig'),
});

/** Flags of a serving certificate; `directory` is where one is made when none is given. */
export const certificateFlags = (directory: string) => ({
  'tls-cert-file': file('the serving certificate with its chain, PEM; without it one is made in --cert-dir'),
  'tls-private-key-file': file('the key of --tls-cert-file, PEM'),
  'cert-dir': folder('where a certificate of its own is kept when --tls-cert-file is not given', directory),
});

const gone = 'upstream has removed it too';

/** What no component here takes. */
export const refusedEverywhere: RefusedFlags = {
  'feature-gates': 'there are no feature gates, what is there is on',
  'emulated-version': 'there is one version only',
  'min-compatibility-version': 'there is one version only',
  'emulation-forward-compatible': 'there is one version only',
  'runtime-config-emulation-forward-compatible': 'there is one version only',
  'kube-api-*': 'clients are not throttled on their own side and speak JSON; the server protects itself',
  master: 'name the server in the file of --kubeconfig',
  'log-file': 'use --log-dir',
  'log-file-max-size': 'use --log-dir, which rotates at 64 MiB',
  'log-flush-frequency': 'every line is written at once',
  'log-json-*': 'every line is written at once',
  'log-text-*': 'every line is written at once',
  logtostderr: gone,
  alsologtostderr: gone,
  stderrthreshold: gone,
  vmodule: 'verbosity is set for the whole component, by --v',
  profiling: 'there is no /debug/pprof; run node --inspect on the component instead',
  'contention-profiling': 'JavaScript has no lock contention',
  'show-hidden-metrics-for-version': 'no metric is hidden',
  'disabled-metrics': 'no metric can be disabled',
  'allow-metric-labels*': 'labels of metrics are fixed',
  'tls-sni-cert-key': 'there is one certificate, --tls-cert-file',
  'tls-curve-preferences': "Node's own selection is used",
  'permit-*': 'two processes never share a port here',
  'authentication-skip-lookup': 'nothing is looked up; --client-ca-file names the authorities',
  'authentication-token-webhook-*': 'the periods are fixed',
  'authentication-tolerate-lookup-failure': 'nothing is looked up; --client-ca-file names the authorities',
  'authorization-always-allow-paths': '/healthz, /livez and /readyz are open to all, /metrics is not',
  'authorization-webhook-*': 'the periods are fixed',
  'requestheader-*': 'only the API server takes the word of a proxy',
  'cloud-provider': 'there are no cloud providers',
  'cloud-config': 'there are no cloud providers',
  'external-cloud-volume-plugin': 'there are no cloud providers',
};

/** What only the API server's port takes. */
export const refusedServing: RefusedFlags = {
  'tls-cipher-suites': 'suites without forward secrecy or authentication are not taken, the others are fixed here',
  'tls-min-version': 'TLS 1.2 is the lowest, and can be changed only by node --tls-min-v1.3',
  'http2-max-streams-per-connection': 'the number of streams is fixed',
};

/** Reads a file that a flag names. Throws UsageError. */
export function readFlagFile(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${flag} can't be read: ${messageOf(error)}`, { cause: error });
  }
}

/** A value that can't be missing. Throws UsageError with `why`. */
export function needed<T>(value: T | undefined, flag: string, why: string): T {
  if (value === undefined) throw new UsageError(`${flag} is needed: ${why}`);
  return value;
}
