/** Validation of security contexts. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required } from '../../machinery/field-error.ts';
import type { SeccompProfile, SecurityContext } from './container.ts';
import type { PodSecurityContext, PodSpec } from './pod-spec.ts';
import { each, inRange, noBacksteps, relativePath } from './value-checks.ts';

/** What Linux takes as a user or group. */
const ids = [0, 2_147_483_647] as const;
const sysctlPattern = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9*]([-_a-z0-9*]*[a-z0-9*])?)*$/;

/** What is wrong with a container's security context. */
export function securityErrors(context: SecurityContext | undefined, path: string): FieldError[] {
  if (!context) return [];
  const { privileged, allowPrivilegeEscalation, capabilities } = context;
  const errors = [...identityErrors(context, path), ...profileErrors(context.seccompProfile, `${path}.seccompProfile`)];
  if (allowPrivilegeEscalation !== false) return errors;
  if (privileged) {
    errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  if (capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
    errors.push(invalid(path, context, detail));
  }
  return errors;
}

/** What is wrong with a pod's security context. */
export function podSecurityErrors(
  spec: Pick<PodSpec, 'securityContext' | 'hostNetwork' | 'hostPID' | 'shareProcessNamespace'>,
  path: string,
): FieldError[] {
  const context: PodSecurityContext = spec.securityContext;
  const own = `${path}.securityContext`;
  const shared = spec.hostPID && spec.shareProcessNamespace;
  return [
    ...identityErrors(context, own),
    ...inRange(context.fsGroup, `${own}.fsGroup`, ids),
    ...each(context.supplementalGroups, `${own}.supplementalGroups`, (group, at) => inRange(group, at, ids)),
    ...each(context.sysctls, `${own}.sysctls`, ({ name }, at) => {
      if (!name) return [required(`${at}.name`)];
      const isValid = name.length <= 253 && sysctlPattern.test(name);
      return isValid
        ? []
        : [invalid(`${at}.name`, name, `must have at most 253 characters and match regex ${sysctlPattern.source}`)];
    }),
    ...profileErrors(context.seccompProfile, `${own}.seccompProfile`),
    ...(shared
      ? [invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')]
      : []),
  ];
}

function identityErrors(
  { runAsUser, runAsGroup }: Pick<SecurityContext, 'runAsUser' | 'runAsGroup'>,
  path: string,
): FieldError[] {
  return [...inRange(runAsUser, `${path}.runAsUser`, ids), ...inRange(runAsGroup, `${path}.runAsGroup`, ids)];
}

function profileErrors(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  if (!type) return [required(`${path}.type`, 'type is required when seccompProfile is set')];
  const own = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    if (!localhostProfile) return [required(own, 'must be set when seccomp type is Localhost')];
    return [...relativePath(localhostProfile, own), ...noBacksteps(localhostProfile, own)].slice(0, 1);
  }
  return localhostProfile === undefined
    ? []
    : [invalid(own, localhostProfile, 'can only be set when seccomp type is Localhost')];
}
