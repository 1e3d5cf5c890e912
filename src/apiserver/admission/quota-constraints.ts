import type { Pod } from '../../api/core/pod.ts';

/**
 * Where these are limited, every container must say how much it wants. Upstream calls that a mistake, and keeps it to
 * them. Source: podEvaluator.Constraints.
 */
const demanded: readonly string[] = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

/** What the containers of a pod should say of the limited resources, such as `must specify cpu for: a,b`. */
export function unstatedDemand({ spec }: Pod, limited: readonly string[]): string | undefined {
  const names = limited.filter((name) => demanded.includes(name)).sort();
  // A pod may state as a whole what its containers do not.
  if (names.length === 0 || Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0) {
    return undefined;
  }
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const details = names.flatMap((name) => {
    const silent = containers.filter((container) => !states(container, name));
    if (silent.length === 0) return [];
    return [
      `${name} for: ${silent
        .map((container) => container.name)
        .sort()
        .join(',')}`,
    ];
  });
  return details.length === 0 ? undefined : `must specify ${details.join('; ')}`;
}

function states({ resources }: Pod['spec']['containers'][number], name: string): boolean {
  const part = name.startsWith('limits.') ? resources?.limits : resources?.requests;
  return part?.[name.replace(/^(?:requests|limits)\./, '')] !== undefined;
}
