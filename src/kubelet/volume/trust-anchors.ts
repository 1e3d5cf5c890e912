/** Certificates that pods are to trust, out of ClusterTrustBundles. Source: kubernetes' pkg/kubelet/clustertrustbundle. */
import { createHash } from 'node:crypto';
import type { ClusterTrustBundle } from '../../api/certificates/cluster-trust-bundle.ts';
import { pemBlocks, pemText } from '../../api/certificates/pem-blocks.ts';
import type { ClusterTrustBundleProjection } from '../../api/core/volume.ts';
import type { Random } from '../../base/random.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import { VolumeError } from './volume-plugin.ts';

/** Options of `TrustAnchors`. */
export interface TrustAnchorsOptions {
  /** All bundles of the cluster. */
  bundles(): Promise<readonly ClusterTrustBundle[]>;
  readonly random: Random;
}

/** Makes files of the certificates that bundles have. */
export class TrustAnchors {
  readonly #bundles: TrustAnchorsOptions['bundles'];
  /** Decides the order of certificates: another one each time the kubelet starts, so that nobody relies on it. */
  readonly #salt: string;

  constructor({ bundles, random }: TrustAnchorsOptions) {
    this.#bundles = bundles;
    this.#salt = random.uuid();
  }

  /** The certificates asked for, each once, as PEM; '' where none need be there. Throws VolumeError. */
  async read(projection: ClusterTrustBundleProjection): Promise<string> {
    const chosen = chooseBundles(await this.#bundles(), projection);
    const anchors = new Map<string, Uint8Array>();
    for (const { content } of chosen.flatMap(({ spec }) => pemBlocks(spec.trustBundle))) {
      anchors.set(createHash('sha256').update(this.#salt).update(content).digest('hex'), content);
    }
    const ordered = [...anchors].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return ordered.map(([, content]) => pemText('CERTIFICATE', content)).join('');
  }
}

function chooseBundles(
  bundles: readonly ClusterTrustBundle[],
  { name, signerName, labelSelector, optional = false }: ClusterTrustBundleProjection,
): readonly ClusterTrustBundle[] {
  if (name !== undefined) {
    const found = bundles.filter(({ metadata }) => metadata.name === name);
    if (found.length > 0 || optional) return found;
    const missing = `clustertrustbundle.certificates.k8s.io ${JSON.stringify(name)} not found`;
    throw new VolumeError(`while getting ClusterTrustBundle: ${missing}`);
  }
  const matches = labelSelectorMatcher(labelSelector);
  const found = bundles.filter(({ metadata, spec }) => spec.signerName === signerName && matches(metadata.labels));
  if (found.length > 0 || optional) return found;
  throw new VolumeError('combination of signerName and labelSelector matched zero ClusterTrustBundles');
}
