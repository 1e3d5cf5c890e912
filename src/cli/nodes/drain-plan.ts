import type { Pod } from '../../api/core/pod.ts';

/** What a drain may do to pods that would be lost with it. */
export interface DrainRules {
  readonly force: boolean;
  readonly ignoreDaemonSets: boolean;
  readonly deleteEmptyDirData: boolean;
}

/** What a drain does with the pods of a node. */
export interface DrainPlan {
  readonly evict: readonly Pod[];
  /** Reasons not to begin, each with its pods; empty: go ahead. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

type Verdict =
  | { readonly kind: 'evict' | 'skip' }
  | { readonly kind: 'error' | 'warn' | 'warnAndSkip'; readonly text: string };

const texts = {
  daemonSet: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
  daemonSetWarning: 'ignoring DaemonSet-managed Pods',
  localStorage: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
  localStorageWarning: 'deleting Pods with local storage',
  // Upstream stutters here, and scripts match on it.
  unmanaged: 'cannot delete cannot delete Pods that declare no controller (use --force to override)',
  unmanagedWarning: 'deleting Pods that declare no controller',
};

/** Decides which pods of a node are evicted. Source: kubectl's drain filters. */
export function planDrain(pods: readonly Pod[], rules: DrainRules): DrainPlan {
  const evict: Pod[] = [];
  const errors = new Map<string, string[]>();
  const warnings = new Map<string, string[]>();
  for (const pod of pods) {
    const verdicts = verdictsOn(pod, rules);
    const note = (into: Map<string, string[]>, text: string): void => {
      into.set(text, [...(into.get(text) ?? []), `${pod.metadata.namespace}/${pod.metadata.name}`]);
    };
    for (const verdict of verdicts) {
      if (verdict.kind === 'error') note(errors, verdict.text);
      else if (verdict.kind === 'warn' || verdict.kind === 'warnAndSkip') note(warnings, verdict.text);
    }
    if (!verdicts.some(({ kind }) => kind === 'error' || kind === 'skip' || kind === 'warnAndSkip')) evict.push(pod);
  }
  const lines = (notes: ReadonlyMap<string, readonly string[]>): readonly string[] =>
    [...notes].map(([text, names]) => `${text}: ${names.join(', ')}`);
  return { evict, errors: lines(errors), warnings: lines(warnings) };
}

function verdictsOn(pod: Pod, rules: DrainRules): readonly Verdict[] {
  const { metadata, spec, status } = pod;
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  const controller = metadata.ownerReferences?.find((owner) => owner.controller);
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return [{ kind: 'skip' }];
  if (controller?.kind === 'DaemonSet' && !ended) {
    return rules.ignoreDaemonSets
      ? [{ kind: 'warnAndSkip', text: texts.daemonSetWarning }]
      : [{ kind: 'error', text: texts.daemonSet }];
  }
  const verdicts: Verdict[] = [];
  if (spec.volumes?.some((volume) => volume.emptyDir) && !ended) {
    verdicts.push(
      rules.deleteEmptyDirData
        ? { kind: 'warn', text: texts.localStorageWarning }
        : { kind: 'error', text: texts.localStorage },
    );
  }
  if (!controller && !ended) {
    verdicts.push(
      rules.force ? { kind: 'warn', text: texts.unmanagedWarning } : { kind: 'error', text: texts.unmanaged },
    );
  }
  return verdicts;
}
