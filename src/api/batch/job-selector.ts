/** The labels by which a Job finds its pods. Source: kubernetes' job strategy. */
import type { Writable } from '../../machinery/schema.ts';
import type { Job } from './job.ts';

const uidLabel = 'batch.kubernetes.io/controller-uid';

/** The labels that the pods of a Job have, in the new form and in the one from before labels had domains. */
export function jobLabels({ name, uid }: { readonly name: string; readonly uid: string }): Record<string, string> {
  return {
    'controller-uid': uid,
    'job-name': name,
    [uidLabel]: uid,
    'batch.kubernetes.io/job-name': name,
  };
}

/** Gives a new Job a selector that no other has, and its pods the labels for it; validation finds labels that differ. */
export function generateSelector({ metadata, spec }: Writable<Job>): void {
  if (spec.manualSelector) return;
  const labels = { ...jobLabels(metadata), ...spec.template.metadata.labels };
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  spec.template.metadata.labels = Object.fromEntries(sorted);
  spec.selector = {
    ...spec.selector,
    matchLabels: { [uidLabel]: metadata.uid, ...spec.selector?.matchLabels },
  };
}
