/** Keys and certificates of pods, which their volumes show. Source: kubernetes' pkg/kubelet/podcertificate. */
import { endingOf } from '../../api/certificates/pod-certificate-request-validation.ts';
import { PodCertificateRequest } from '../../api/certificates/pod-certificate-request.ts';
import type { PodKeyType } from '../../api/certificates/pod-certificate-terms.ts';
import { pemBlocks, pemText } from '../../api/certificates/pem-blocks.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { CertificateQuestion, PodCredentials } from './volume-plugin.ts';
import { VolumeError } from './volume-plugin.ts';

/** Options of `PodCertificates`. */
export interface PodCertificatesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly nodeName: string;
  nodeUid(): string | undefined;
  /** A request as it is known by now. */
  request(namespace: string, name: string): Promise<PodCertificateRequest | undefined>;
}

const minute = 60_000;
/** After this a request that is not seen was deleted. */
const lostAfter = 10 * minute;
/** This long after a certificate should have been refreshed the pod is told. */
const overdueAfter = 10 * minute;
/** Requests of many pods are spread over this time. */
const longestJitter = 5 * minute;
/** While a request is under way it is looked at as often, should nothing tell of it. */
const look = minute;

/** A certificate with its key; times in wall-clock milliseconds. */
interface Issued {
  readonly key: string;
  readonly chain: string;
  readonly refreshAt: number;
  readonly notAfter: number;
}

/** A request that is under way, and the key that it is for. */
interface Pending {
  readonly name: string;
  readonly key: string;
  readonly lostAt: number;
}

/** What is known of one source of one volume. */
interface Known {
  issued?: Issued;
  pending?: Pending | undefined;
  /** Why there will never be a certificate: the signer said so. */
  refused?: string;
  readonly told: Set<'CertificateOverdueForRefresh' | 'CertificateExpired'>;
}

/** Asks signers for certificates of pods, and for the next ones in time. Nothing outlives the kubelet: keys are in memory. */
export class PodCertificates {
  readonly #options: PodCertificatesOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: PodCertificatesOptions) {
    this.#options = options;
  }

  /** The key and the certificate by now. Throws VolumeError while there is none, or when there will be none. */
  async credentials(question: CertificateQuestion, signal: AbortSignal): Promise<PodCredentials> {
    const id = idOf(question);
    const known = this.#known.get(id) ?? { told: new Set() };
    this.#known.set(id, known);
    try {
      await this.#advance(known, question, signal);
    } catch (error) {
      if (!known.issued) throw error;
      this.#options.log.warning('Failed to refresh the certificate of a pod', {
        pod: question.pod.metadata.name,
        err: error,
      });
    }
    if (known.refused !== undefined) throw new VolumeError(known.refused);
    const { issued } = known;
    if (!issued) throw new VolumeError('credential bundle is not issued yet');
    const now = this.#options.clock.now();
    this.#tellLateness(known, issued, question);
    const isRefreshing = known.pending !== undefined || now >= issued.refreshAt;
    return { key: issued.key, chain: issued.chain, refreshIn: isRefreshing ? look : issued.refreshAt - now };
  }

  /** Forgets the keys of a pod that is gone. */
  forget(podUid: string): void {
    for (const id of this.#known.keys()) if (id.startsWith(`${podUid}\n`)) this.#known.delete(id);
  }

  async #advance(known: Known, question: CertificateQuestion, signal: AbortSignal): Promise<void> {
    if (known.refused !== undefined) return;
    if (known.pending) await this.#look(known, known.pending, question);
    const isDue = !known.issued || this.#options.clock.now() >= known.issued.refreshAt;
    if (known.pending || known.refused !== undefined || !isDue) return;
    known.pending = await this.#ask(question, signal);
  }

  /** What became of the request that is under way. */
  async #look(known: Known, { name, key, lostAt }: Pending, { pod }: CertificateQuestion): Promise<void> {
    const { clock, events } = this.#options;
    const namespace = pod.metadata.namespace ?? '';
    const request = await this.#options.request(namespace, name);
    if (!request) {
      if (clock.now() > lostAt) known.pending = undefined;
      return;
    }
    const ending = endingOf(request.status);
    if (ending === undefined) return;
    known.pending = undefined;
    if (ending === 'Issued') {
      known.issued = { key, ...this.#issuedBy(request) };
      known.told.clear();
      return;
    }
    const { reason = '', message = '' } = request.status.conditions?.find(({ type }) => type === ending) ?? {};
    const why = (link: string): string => `reason=${JSON.stringify(reason)}${link}message=${JSON.stringify(message)}`;
    known.refused = `PodCertificateRequest was permanently ${ending.toLowerCase()}: ${why(' ')}`;
    const what = ending === 'Denied' ? 'was denied' : 'failed';
    const told = `PodCertificateRequest ${namespace}/${name} ${what}, ${why(', ')}`;
    events.record(pod, { type: 'Warning', reason: ending, message: told });
  }

  #issuedBy({ status }: PodCertificateRequest): Omit<Issued, 'key'> {
    const blocks = pemBlocks(status.certificateChain ?? '');
    return {
      // Headers, and what stands between certificates, are dropped.
      chain: blocks.map(({ type, content }) => pemText(type, content)).join(''),
      refreshAt: Date.parse(status.beginRefreshAt ?? '') + this.#jitter(),
      notAfter: Date.parse(status.notAfter ?? ''),
    };
  }

  async #ask({ pod, projection }: CertificateQuestion, signal: AbortSignal): Promise<Pending> {
    const { client, clock, nodeName, nodeUid } = this.#options;
    const { namespace = '', name: podName, uid: podUID } = pod.metadata;
    const serviceAccountName = pod.spec.serviceAccountName || 'default';
    const account = await client.get(ServiceAccount, { namespace, name: serviceAccountName }, { signal });
    // Loaded when the first pod wants a certificate: few kubelets see any.
    const { createStubRequest } = await import('../../machinery/x509/stub-request.ts');
    const { key, request } = await createStubRequest(projection.keyType as PodKeyType);
    const { signerName, maxExpirationSeconds, userAnnotations } = projection;
    const made = await client.create(
      PodCertificateRequest,
      {
        metadata: {
          namespace,
          generateName: 'req-',
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: podName, uid: podUID }],
        },
        spec: {
          ...{ signerName, podName, podUID, serviceAccountName, nodeName },
          serviceAccountUID: account.metadata.uid,
          nodeUID: nodeUid() ?? '',
          ...(maxExpirationSeconds === undefined ? {} : { maxExpirationSeconds }),
          ...(userAnnotations ? { unverifiedUserAnnotations: userAnnotations } : {}),
          stubPKCS10Request: Buffer.from(request).toString('base64'),
        },
      },
      { signal },
    );
    return { name: made.metadata.name, key, lostAt: clock.now() + lostAfter + this.#jitter() };
  }

  /** Tells the pod that its certificate is old, once for each certificate. */
  #tellLateness({ told }: Known, { refreshAt, notAfter }: Issued, { pod }: CertificateQuestion): void {
    const { clock, events } = this.#options;
    const now = clock.now();
    const tell = (reason: 'CertificateOverdueForRefresh' | 'CertificateExpired', message: string): void => {
      if (told.has(reason)) return;
      told.add(reason);
      events.record(pod, { type: 'Warning', reason, message });
    };
    if (now > refreshAt + overdueAfter) tell('CertificateOverdueForRefresh', 'PodCertificate refresh overdue');
    if (now > notAfter) tell('CertificateExpired', 'PodCertificate expired');
  }

  #jitter(): number {
    return Math.floor(this.#options.random.next() * longestJitter);
  }
}

function idOf({ pod, volume, source }: CertificateQuestion): string {
  return [pod.metadata.uid, volume, source].join('\n');
}
