/** What the level restricted demands besides. Source: pod-security-admission's policy package, 1.36. */
import type { Volume } from '../../../api/core/volume.ts';
import { hasOwnUsers, procMount, seccompProfiles, uses } from './baseline-checks.ts';
import { containersOf, containersThat, distinct, named, quoted, setters } from './check.ts';
import type { AnyContainer, Check, CheckedPod, Violation } from './check.ts';

const allowedVolumes: readonly string[] = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

type Rule = (pod: CheckedPod) => Violation | undefined;

/** What pods of Windows can't set, they need not. */
const exceptWindows =
  (rule: Rule): Rule =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : rule(pod);

const exceptOwnUsers =
  (rule: Rule): Rule =>
  (pod) =>
    hasOwnUsers(pod) ? undefined : rule(pod);

const overBaselineCapabilities = ['capabilities_baseline'];
const overBaselineSeccomp = ['seccompProfile_baseline'];

/** The checks, in the order in which messages have them. */
export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    versions: [
      { since: 8, violation: allowPrivilegeEscalation },
      { since: 25, violation: exceptWindows(allowPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    versions: [
      { since: 22, violation: capabilities, overrides: overBaselineCapabilities },
      { since: 25, violation: exceptWindows(capabilities), overrides: overBaselineCapabilities },
    ],
  },
  { id: 'procMount_restricted', versions: [{ since: 35, violation: procMount, overrides: ['procMount'] }] },
  { id: 'restrictedVolumes', versions: [{ since: 0, violation: volumes, overrides: ['hostPathVolumes'] }] },
  {
    id: 'runAsNonRoot',
    versions: [
      { since: 0, violation: runAsNonRoot },
      { since: 35, violation: exceptOwnUsers(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    versions: [
      { since: 23, violation: runAsUser },
      { since: 35, violation: exceptOwnUsers(runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    versions: [
      { since: 19, violation: seccompProfile, overrides: overBaselineSeccomp },
      { since: 25, violation: exceptWindows(seccompProfile), overrides: overBaselineSeccomp },
    ],
  },
];

function allowPrivilegeEscalation({ spec }: CheckedPod): Violation | undefined {
  const bad = containersThat(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${named('container', bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function capabilities({ spec }: CheckedPod): Violation | undefined {
  const added = ({ securityContext }: AnyContainer): readonly string[] =>
    (securityContext?.capabilities?.add ?? []).filter((capability) => capability !== 'NET_BIND_SERVICE');
  const keeping = containersThat(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const adding = containersThat(spec, (container) => added(container).length > 0);
  const details: string[] = [];
  if (keeping.length > 0)
    details.push(`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const names = quoted(distinct(containersOf(spec).flatMap(added)));
    details.push(`${named('container', adding)} must not include ${names} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
}

function volumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter(
    (volume) => !sourcesOf(volume).some((source) => allowedVolumes.includes(source)),
  );
  if (bad.length === 0) return undefined;
  const names = bad.map(({ name }) => name);
  const types = distinct(bad.map((volume) => sourcesOf(volume)[0] ?? 'unknown'));
  return {
    reason: 'restricted volume types',
    detail: `${named('volume', names)} ${uses(names)} ${named('restricted volume type', types)}`,
  };
}

function sourcesOf(volume: Volume): readonly string[] {
  return Object.entries(volume).flatMap(([key, value]) => (key === 'name' || value === undefined ? [] : [key]));
}

function runAsNonRoot({ spec }: CheckedPod): Violation | undefined {
  const reason = 'runAsNonRoot != true';
  const ofPod = spec.securityContext?.runAsNonRoot;
  const by = setters(
    ofPod === false,
    containersThat(spec, ({ securityContext }) => securityContext?.runAsNonRoot === false),
  );
  if (by !== '') return { reason, detail: `${by} must not set securityContext.runAsNonRoot=false` };
  const silent = containersThat(spec, ({ securityContext }) => (securityContext?.runAsNonRoot ?? ofPod) === undefined);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` };
}

function runAsUser({ spec }: CheckedPod): Violation | undefined {
  const by = setters(
    spec.securityContext?.runAsUser === 0,
    containersThat(spec, ({ securityContext }) => securityContext?.runAsUser === 0),
  );
  return by === '' ? undefined : { reason: 'runAsUser=0', detail: `${by} must not set runAsUser=0` };
}

function seccompProfile(pod: CheckedPod): Violation | undefined {
  const bad = seccompProfiles(pod);
  if (bad) return bad;
  const { securityContext: ofPod } = pod.spec;
  if (ofPod?.seccompProfile) return undefined;
  const silent = containersThat(pod.spec, ({ securityContext }) => !securityContext?.seccompProfile);
  if (silent.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${named('container', silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
}
