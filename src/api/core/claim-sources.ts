/** What a PersistentVolumeClaim is filled from, in its two fields. Source: kubernetes' api/persistentvolumeclaim. */
import type { Writable } from '../../machinery/schema.ts';
import type { PersistentVolumeClaimSpec } from './volume.ts';

const snapshots = 'snapshot.storage.k8s.io';

/** Makes both fields say the same; the old one has always known only claims and snapshots. */
export function settleClaimSources(spec: Writable<PersistentVolumeClaimSpec>): void {
  // Sources in other namespaces need a feature that is off.
  delete spec.dataSourceRef?.namespace;
  const { dataSource } = spec;
  const isKnown =
    dataSource?.kind === 'PersistentVolumeClaim'
      ? !dataSource.apiGroup
      : dataSource?.kind === 'VolumeSnapshot' && dataSource.apiGroup === snapshots;
  if (dataSource && !isKnown && !spec.dataSourceRef) delete spec.dataSource;
  if (spec.dataSource) spec.dataSourceRef ??= { ...spec.dataSource };
  else if (spec.dataSourceRef) spec.dataSource = { ...spec.dataSourceRef };
}
