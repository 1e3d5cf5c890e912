/** Which group, and which of its versions, clients prefer when nothing else decides. Source: upstream's aggregator. */

/** How important a group version is; higher comes first. */
export interface GroupVersionPriority {
  readonly group: number;
  readonly version: number;
}

/** Of the group that the aggregation layer itself has. */
const apiRegistration = 20_000;

const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  'apiregistration.k8s.io': apiRegistration,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'internal.apiserver.k8s.io': 16_000,
  'resource.k8s.io': 15_900,
  'storagemigration.k8s.io': 15_800,
};

/** Versions that are not what their stability alone makes them. */
const versions: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
  'resource.k8s.io/v1': 21,
  'admissionregistration.k8s.io/v1beta1': 12,
  'storagemigration.k8s.io/v1beta1': 9,
};

/** The priority of a built-in group version; undefined for those of custom resources. */
export function builtinPriority(group: string, version: string): GroupVersionPriority | undefined {
  const priority = groups[group];
  if (priority === undefined) return undefined;
  const stability = version.includes('alpha') ? 1 : version.includes('beta') ? 9 : 15;
  return { group: priority, version: versions[`${group}/${version}`] ?? stability };
}

/** The priority of the group versions of custom resources. Source: upstream's crdregistration. */
export const customPriority: GroupVersionPriority = { group: 1000, version: 100 };
