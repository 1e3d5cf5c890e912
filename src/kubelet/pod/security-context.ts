import { join } from 'node:path';
import type { AppArmorProfile, SeccompProfile, SELinuxOptions } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type {
  ContainerSecurityContext,
  NamespaceOptions,
  SecurityProfile,
  SELinuxOptions as RuntimeSELinuxOptions,
} from '../cri/container-runtime.ts';
import { ContainerConfigError } from '../env/container-environment.ts';
import type { AnyContainer } from './pod-facts.ts';
import { formatPod } from './pod-facts.ts';

/** The user that an image runs as; neither set means root. */
export interface ImageUser {
  readonly uid: number | undefined;
  readonly username: string;
}

const defaultMaskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const defaultReadonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Refuses a container that must not run as root but would, or might. */
export function checkNonRoot(pod: Pod, container: AnyContainer, user: ImageUser): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext.runAsNonRoot;
  if (!nonRoot) return;
  const where = `(pod: "${formatPod(pod)}", container: ${container.name})`;
  const runAsUser = effectiveUser(pod, container);
  if (runAsUser === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
  if (runAsUser !== undefined) return;
  if (user.uid === undefined && user.username !== '') {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${user.username}), cannot verify user is non-root ${where}`,
    );
  }
  if ((user.uid ?? 0) === 0) {
    throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  }
}

/** The security context of a container: its own settings over the pod's. */
export function containerSecurityContext(
  pod: Pod,
  container: AnyContainer,
  from: { readonly namespaces: NamespaceOptions; readonly image: ImageUser; readonly seccompRoot: string },
): ContainerSecurityContext {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext;
  const privileged = own.privileged ?? false;
  const runAsUser = effectiveUser(pod, container) ?? from.image.uid;
  const groups = [...(shared.supplementalGroups ?? []), ...(shared.fsGroup === undefined ? [] : [shared.fsGroup])];
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup;
  const unmasked = privileged || own.procMount === 'Unmasked';
  return {
    privileged,
    namespaceOptions: from.namespaces,
    ...(own.capabilities
      ? { capabilities: { add: own.capabilities.add ?? [], drop: own.capabilities.drop ?? [] } }
      : {}),
    ...(runAsUser === undefined
      ? from.image.username === ''
        ? runAsGroup === undefined
          ? {}
          : { runAsUser: 0 }
        : { runAsUsername: from.image.username }
      : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    supplementalGroups: [...new Set(groups)],
    supplementalGroupsPolicy: shared.supplementalGroupsPolicy ?? 'Merge',
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : defaultMaskedPaths,
    readonlyPaths: unmasked ? [] : defaultReadonlyPaths,
    seccomp: privileged
      ? { type: 'Unconfined' }
      : seccompOf(own.seccompProfile ?? shared.seccompProfile, from.seccompRoot),
    apparmor: profileOf(own.appArmorProfile ?? shared.appArmorProfile),
    selinuxOptions: selinuxOf(own.seLinuxOptions ?? shared.seLinuxOptions),
  };
}

/** The profile of a pod or container; without one, unconfined, as upstream does unless told otherwise. */
export function seccompOf(profile: SeccompProfile | undefined, seccompRoot: string): SecurityProfile {
  if (!profile || profile.type === 'Unconfined') return { type: 'Unconfined' };
  if (profile.type === 'RuntimeDefault') return { type: 'RuntimeDefault' };
  return { type: 'Localhost', localhostRef: join(seccompRoot, profile.localhostProfile ?? '') };
}

function profileOf(profile: AppArmorProfile | undefined): SecurityProfile | undefined {
  if (!profile) return undefined;
  return profile.type === 'Localhost'
    ? { type: 'Localhost', localhostRef: profile.localhostProfile ?? '' }
    : { type: profile.type };
}

/** SELinux labels as the runtime takes them. */
export function selinuxOf(options: SELinuxOptions | undefined): RuntimeSELinuxOptions | undefined {
  if (!options) return undefined;
  return { user: options.user ?? '', role: options.role ?? '', type: options.type ?? '', level: options.level ?? '' };
}

function effectiveUser(pod: Pod, container: AnyContainer): number | undefined {
  return container.securityContext?.runAsUser ?? pod.spec.securityContext.runAsUser;
}
