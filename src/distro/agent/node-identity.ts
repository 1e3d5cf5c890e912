import { X509Certificate } from 'node:crypto';
import { messageOf } from '../../base/errors.ts';
import { systemRandom } from '../../base/system-random.ts';
import { CertificateSource, withCertificate } from '../../client/certificates/certificate-source.ts';
import type { WantedCertificate } from '../../client/certificates/request-certificate.ts';
import { rotateCertificate } from '../../client/certificates/rotate-certificate.ts';
import { derivedConnection } from '../../client/connection.ts';
import type { Connection } from '../../client/connection.ts';
import { createHttpClient } from '../../client/http-client.ts';
import type { HttpClient } from '../../client/http-client.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { kubeProxySubject } from '../../controllers/certificates/request-rules.ts';
import { kubeProxySigner } from '../../controllers/certificates/signer-names.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { isPair } from '../../machinery/x509/certificate-period.ts';
import { kubeletClientCertificate, kubeletServingCertificate } from '../components/kubelet-identity.ts';
import { caPath } from '../join/join-protocol.ts';
import { certificatesIn } from '../pki/authority-bundle.ts';
import { pkiFiles, writeSecret } from '../pki/cluster-pki.ts';
import { FollowedFiles } from '../pki/followed-files.ts';
import { keepNodePair, writeNodeKubeconfigs } from '../up/identities.ts';
import type { ApiBalancerOptions } from './api-balancer.ts';

/** What a node's identity needs. */
export type NodeIdentityOptions = Omit<ApiBalancerOptions, 'identity'>;

/** Whom a node is as a client. */
type NodeUser = 'kubelet' | 'kube-proxy';
type Part = NodeUser | 'kubelet-server';

const parts: readonly Part[] = ['kubelet', 'kube-proxy', 'kubelet-server'];
const lookEvery = 60_000;

/**
 * The certificates of a node, as its files have them at the moment: those on a control-plane machine are renewed by its
 * server process, a worker renews its own by requests to the cluster. What was renewed is in use without a restart.
 */
export class NodeIdentity implements AsyncDisposable {
  readonly #options: NodeIdentityOptions;
  readonly #files: FollowedFiles<`${Part} certificate` | `${Part} key` | 'ca'>;
  readonly #sources: Readonly<Record<Part, CertificateSource>>;
  readonly #connections: Readonly<Record<NodeUser, Connection>>;
  readonly #stack = new AsyncDisposableStack();
  /** The authorities that open connections and the kubelet's server go by. */
  #caInUse: string;

  private constructor(options: NodeIdentityOptions, connections: Readonly<Record<NodeUser, Connection>>) {
    this.#options = options;
    this.#files = new FollowedFiles(pathsOf(options));
    this.#caInUse = this.ca;
    const source = (part: Part): CertificateSource => new CertificateSource(this.#pairOf(part));
    this.#sources = {
      kubelet: source('kubelet'),
      'kube-proxy': source('kube-proxy'),
      'kubelet-server': source('kubelet-server'),
    };
    const live = (user: NodeUser): Connection =>
      withCertificate(connections[user], this.#sources[user], () => this.#files.texts.ca);
    this.#connections = { kubelet: live('kubelet'), 'kube-proxy': live('kube-proxy') };
  }

  /** Reads the files of a node that `up` has prepared. */
  static async open(options: NodeIdentityOptions): Promise<NodeIdentity> {
    const { kubeletKubeconfig, proxyKubeconfig } = options.layout.node(options.node.name);
    const [kubelet, proxy] = await Promise.all([loadKubeconfig(kubeletKubeconfig), loadKubeconfig(proxyKubeconfig)]);
    return new NodeIdentity(options, { kubelet: kubelet.connection, 'kube-proxy': proxy.connection });
  }

  /** What the kubelet shows as a server. */
  get serving(): CertificateSource {
    return this.#sources['kubelet-server'];
  }

  /** The authorities of the cluster, PEM. */
  get ca(): string {
    return this.#files.texts.ca;
  }

  /** The connection of a user; what it shows is what there is at the moment, as long as it is not copied. */
  connection(user: NodeUser): Connection {
    return this.#connections[user];
  }

  /** A client that shows what there is at the moment; disposed with this. */
  client(user: NodeUser, userAgent: string): HttpClient {
    const { clock } = this.#options;
    const client = this.#stack.use(
      createHttpClient(derivedConnection(this.connection(user), { userAgent }), { clock }),
    );
    this.#stack.use(this.#sources[user].subscribe(() => client.renew()));
    return client;
  }

  /** Follows the files, and on a worker renews what they hold, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, plan } = this.#options;
    const following = this.#files.follow(() => this.#bringIntoUse(), { clock, log, signal });
    await Promise.all([following, ...(plan.role === 'worker' ? this.#renewals(signal) : [])]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  /** Throws while a key and its certificate do not belong together: one of them is not written yet. */
  #bringIntoUse(): void {
    const { ca } = this;
    for (const part of parts) {
      const pair = this.#pairOf(part);
      const { pair: used } = this.#sources[part];
      const isUsed = pair.certificate === used?.certificate && pair.key === used.key;
      if (isUsed && ca === this.#caInUse) continue;
      if (!isPair(pair)) throw new Error(`the key of ${part} does not belong to its certificate`);
      this.#sources[part].replace(pair);
    }
    this.#caInUse = ca;
  }

  #pairOf(part: Part): KeyPair {
    const { texts } = this.#files;
    return { certificate: texts[`${part} certificate`], key: texts[`${part} key`] };
  }

  #renewals(signal: AbortSignal): readonly Promise<void>[] {
    const { node, clock, log } = this.#options;
    const client = this.client('kubelet', 'kubelet');
    const wanted: Readonly<Record<Part, WantedCertificate>> = {
      kubelet: kubeletClientCertificate(node.name),
      'kube-proxy': {
        signerName: kubeProxySigner,
        subject: kubeProxySubject,
        usages: ['digital signature', 'client auth'],
      },
      'kubelet-server': kubeletServingCertificate(node.name, [node.address]),
    };
    const rotations = parts.map((part) =>
      rotateCertificate(
        {
          ...{ name: part, wanted: wanted[part], client, clock, log, random: systemRandom },
          current: () => this.#sources[part].pair,
          isOutdated: ({ certificate }) => !isSignedByNewest(certificate, this.ca),
          replace: (pair) => {
            keepNodePair(this.#options, `${part}-${node.name}`, pair);
            this.#sources[part].replace(pair);
          },
        },
        signal,
      ),
    );
    return [...rotations, this.#followAuthorities(client, signal)];
  }

  /** Asks the cluster whether it has another authority by now: only who is believed already can say so. */
  async #followAuthorities(client: HttpClient, signal: AbortSignal): Promise<void> {
    const { layout, plan, node, clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        const ca = await client.text({ path: caPath, signal });
        if (ca !== this.ca && certificatesIn(ca).length > 0) {
          writeSecret(pkiFiles(layout.pki).ca.certificate, ca);
          writeNodeKubeconfigs(layout, plan, node);
        }
      } catch (error) {
        if (!signal.aborted)
          log.v(2).info('The cluster could not be asked for its authorities', { err: messageOf(error) });
      }
      await clock.sleep(lookEvery, signal).catch(() => undefined);
    }
  }
}

function pathsOf({ layout, node }: NodeIdentityOptions) {
  const files = pkiFiles(layout.pki);
  const [kubelet, proxy, serving] = parts.map((part) => files.client(`${part}-${node.name}`));
  if (!kubelet || !proxy || !serving) throw new Error('a node has three certificates');
  return {
    ca: files.ca.certificate,
    'kubelet certificate': kubelet.certificate,
    'kubelet key': kubelet.key,
    'kube-proxy certificate': proxy.certificate,
    'kube-proxy key': proxy.key,
    'kubelet-server certificate': serving.certificate,
    'kubelet-server key': serving.key,
  } as const;
}

/** Of several authorities the first signs; what another has signed holds only as long as that one is believed. */
function isSignedByNewest(certificate: string, ca: string): boolean {
  try {
    return new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey);
  } catch {
    // Who can't tell does not renew on that account.
    return true;
  }
}
