/** Validation of security contexts. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import type { AppArmorProfile, SeccompProfile, SecurityContext } from './container.ts';
import type { PodSecurityContext, PodSpec } from './pod-spec.ts';
import { each, inRange, noBacksteps, relativePath } from './value-checks.ts';

/** What Linux takes as a user or group. */
const ids = [0, 2_147_483_647] as const;
const sysctlPattern = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9*]([-_a-z0-9*]*[a-z0-9*])?)*$/;

/** What is wrong with a container's security context. */
export function securityErrors(context: SecurityContext | undefined, path: string): FieldError[] {
  if (!context) return [];
  const { privileged, allowPrivilegeEscalation, capabilities } = context;
  const errors = [
    ...identityErrors(context, path),
    ...profileErrors(context.seccompProfile, `${path}.seccompProfile`),
    ...appArmorErrors(context.appArmorProfile, `${path}.appArmorProfile`),
  ];
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
  spec: Pick<
    PodSpec,
    'securityContext' | 'hostNetwork' | 'hostPID' | 'hostIPC' | 'hostUsers' | 'shareProcessNamespace'
  >,
  path: string,
): FieldError[] {
  const context: PodSecurityContext = spec.securityContext;
  const own = `${path}.securityContext`;
  const shared = spec.hostPID && spec.shareProcessNamespace;
  return [
    ...identityErrors(context, own),
    ...inRange(context.fsGroup, `${own}.fsGroup`, ids),
    ...each(context.supplementalGroups, `${own}.supplementalGroups`, (group, at) => inRange(group, at, ids)),
    ...each(context.sysctls, `${own}.sysctls`, ({ name }, at, index) => {
      if (!name) return [required(`${at}.name`)];
      const isDouble = (context.sysctls ?? []).findIndex((other) => other.name === name) < index;
      if (isDouble) return [duplicate(`${at}.name`, name)];
      const isValid = name.length <= 253 && sysctlPattern.test(name);
      return isValid
        ? []
        : [invalid(`${at}.name`, name, `must have at most 253 characters and match regex ${sysctlPattern.source}`)];
    }),
    ...profileErrors(context.seccompProfile, `${own}.seccompProfile`),
    ...appArmorErrors(context.appArmorProfile, `${own}.appArmorProfile`),
    ...hostUsersErrors(spec, path),
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

/** A pod with users of its own shares no other namespace with its node. */
function hostUsersErrors(
  { hostUsers, hostNetwork, hostPID, hostIPC }: Pick<PodSpec, 'hostUsers' | 'hostNetwork' | 'hostPID' | 'hostIPC'>,
  path: string,
): FieldError[] {
  if (hostUsers !== false) return [];
  const shared = [
    ...(hostNetwork ? ['hostNetwork'] : []),
    ...(hostPID ? ['HostPID'] : []),
    ...(hostIPC ? ['HostIPC'] : []),
  ];
  return shared.map((name) => forbidden(`${path}.${name}`, 'when `pod.Spec.HostUsers` is false'));
}

function appArmorErrors(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile: name } = profile;
  const own = `${path}.localhostProfile`;
  if (!type) return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  if (type !== 'Localhost') {
    return name === undefined ? [] : [invalid(own, name, 'can only be set when AppArmor type is Localhost')];
  }
  if (name === undefined || name === '') return [required(own, 'must be set when AppArmor type is Localhost')];
  return name.trim() === name ? [] : [invalid(own, name, 'must not be padded with whitespace')];
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
