/** Validation of writes of a pod's status. Source: kubernetes' ValidatePodStatusUpdate. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, ipErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import { ipFamily } from '../../machinery/ip-address.ts';
import type { ContainerStatus, Pod, PodStatus } from './pod.ts';
import { each, formatted } from './value-checks.ts';

/** Conditions of the system, whose names need no check. */
const ownConditions: readonly string[] = ['PodScheduled', 'Ready', 'Initialized'];

/** What is wrong with a write of a pod's status. */
export function podStatusErrors({ spec, status }: Pod, old: Pod): FieldError[] {
  const before = old.status;
  const hasNewNode = status.nominatedNodeName !== before.nominatedNodeName;
  return [
    ...each(status.conditions, 'metadata.conditions', ({ type }, path) =>
      ownConditions.includes(type) ? [] : qualifiedNameErrors(type).map((e) => invalid(`${path}.Type`, type, e)),
    ),
    ...(hasNewNode ? formatted(status.nominatedNodeName, 'status.nominatedNodeName', dns1123SubdomainErrors) : []),
    ...(before.qosClass !== undefined && status.qosClass !== before.qosClass
      ? [invalid('status.qosClass', status.qosClass ?? '', 'field is immutable')]
      : []),
    ...revivedErrors(status, before, spec),
    ...addressErrors(
      (status.podIPs ?? []).map(({ ip }) => ip),
      'podIPs',
      'podIP',
    ),
    ...addressErrors(
      (status.hostIPs ?? []).map(({ ip }) => ip),
      'hostIPs',
      'hostIP',
    ),
    ...claimErrors(status, spec),
  ];
}

/** Containers that ended for good do not run again. */
function revivedErrors(status: PodStatus, old: PodStatus, { restartPolicy, initContainers = [] }: Pod['spec']) {
  const sidecars = new Set(initContainers.filter((c) => c.restartPolicy === 'Always').map(({ name }) => name));
  return [
    ...revived(status.containerStatuses, old.containerStatuses, { path: 'status.containerStatuses', restartPolicy }),
    ...revived(status.initContainerStatuses, old.initContainerStatuses, {
      path: 'status.initContainerStatuses',
      restartPolicy,
      sidecars,
    }),
    ...revived(status.ephemeralContainerStatuses, old.ephemeralContainerStatuses, {
      path: 'status.ephemeralContainerStatuses',
      restartPolicy: 'Never',
    }),
  ];
}

interface Restarting {
  readonly path: string;
  readonly restartPolicy: string;
  readonly sidecars?: ReadonlySet<string>;
}

function revived(
  now: readonly ContainerStatus[] = [],
  old: readonly ContainerStatus[] = [],
  { path, restartPolicy, sidecars }: Restarting,
): FieldError[] {
  if (restartPolicy === 'Always') return [];
  return old.flatMap(({ name, state: { terminated } }, index) => {
    if (!terminated || sidecars?.has(name)) return [];
    if (terminated.exitCode !== 0 && restartPolicy === 'OnFailure') return [];
    const isRunning = now.some((status) => status.name === name && !status.state.terminated);
    return isRunning ? [forbidden(`${path}[${index}].state`, 'may not be transitioned to non-terminated state')] : [];
  });
}

/** One address, or two of different families. */
function addressErrors(ips: readonly string[], name: string, singular: string): FieldError[] {
  const path = `status.${name}`;
  const errors = ips.flatMap((ip, index) => ipErrors(ip).map((detail) => invalid(`${path}[${index}]`, ip, detail)));
  if (ips.length <= 1 || errors.length > 0) return errors;
  const families = new Set(ips.map(ipFamily));
  if (families.size < 2 || ips.length > 2) {
    errors.push(invalid(path, ips, `may specify no more than one IP for each IP family`));
  }
  const doubled = ips.filter((ip, index) => ips.indexOf(ip) !== index);
  return [...errors, ...doubled.map((ip) => duplicate(`status.${singular}s`, ip))];
}

function claimErrors({ resourceClaimStatuses }: PodStatus, { resourceClaims = [] }: Pod['spec']): FieldError[] {
  const seen = new Set<string>();
  return each(resourceClaimStatuses, 'status.resourceClaimStatuses', ({ name, resourceClaimName }, path) => {
    const isDuplicate = seen.has(name);
    seen.add(name);
    const isKnown = resourceClaims.some((claim) => claim.name === name);
    return [
      ...(isKnown ? [] : [invalid(`${path}.name`, name, 'must match the name of an entry in `spec.resourceClaims`')]),
      ...(isDuplicate ? [duplicate(`${path}.name`, name)] : []),
      ...formatted(resourceClaimName, `${path}.name`, dns1123SubdomainErrors),
    ];
  });
}
