import type { AdmissionPlugin } from './ports.ts';

/** An admission plug-in's place in the order. */
export interface AdmissionPlace {
  readonly name: string;
  /** Whether it is used without being asked for. Default: true. */
  readonly onByDefault?: false;
  /** Why nothing has this name here, though upstream has it. */
  readonly absent?: string;
  /** No plug-in of upstream, where this is part of how the kind is stored: it can't be switched off. */
  readonly own?: true;
}

const alpha = 'it belongs to a feature that is alpha and off';

/**
 * Every admission plug-in, in the order in which they are asked. Source: AllOrderedPlugins and
 * DefaultOffAdmissionPlugins in kube-apiserver's pkg/kubeapiserver/options/plugins.go, 1.36. Unlike upstream's,
 * NodeRestriction and DenyServiceExternalIPs are on by default.
 */
export const admissionOrder: readonly AdmissionPlace[] = [
  { name: 'AlwaysAdmit', onByDefault: false },
  { name: 'NamespaceAutoProvision', onByDefault: false },
  { name: 'NamespaceLifecycle' },
  { name: 'NamespaceExists', onByDefault: false },
  { name: 'LimitPodHardAntiAffinityTopology', onByDefault: false },
  { name: 'LimitRanger' },
  { name: 'ServiceAccount' },
  { name: 'NodeRestriction' },
  { name: 'TaintNodesByCondition' },
  { name: 'AlwaysPullImages', onByDefault: false },
  { name: 'ImagePolicyWebhook', onByDefault: false, absent: 'a ValidatingWebhookConfiguration can do it' },
  { name: 'PodSecurity' },
  { name: 'PodNodeSelector', onByDefault: false },
  { name: 'Priority' },
  { name: 'DefaultTolerationSeconds' },
  { name: 'PodTolerationRestriction', onByDefault: false },
  { name: 'EventRateLimit', onByDefault: false },
  { name: 'ExtendedResourceToleration', onByDefault: false },
  { name: 'DefaultStorageClass' },
  { name: 'StorageObjectInUseProtection' },
  { name: 'PodGroupProtection', absent: alpha },
  { name: 'OwnerReferencesPermissionEnforcement', onByDefault: false },
  { name: 'PersistentVolumeClaimResize' },
  { name: 'RuntimeClass' },
  { name: 'RBACEscalationCheck', own: true },
  { name: 'PolicyParamCheck', own: true },
  { name: 'PodCertificateRequestCheck', own: true },
  { name: 'ClusterTrustBundleCheck', own: true },
  { name: 'CertificateApproval' },
  { name: 'CertificateSigning' },
  { name: 'ClusterTrustBundleAttest' },
  { name: 'CertificateSubjectRestriction' },
  { name: 'DefaultIngressClass' },
  { name: 'DenyServiceExternalIPs' },
  { name: 'PodTopologyLabels' },
  { name: 'PodGroupWorkloadExists', absent: alpha },
  { name: 'NodeDeclaredFeatureValidator', absent: 'the kubelet declares no features' },
  { name: 'JobValidation', absent: alpha },
  { name: 'PodResizeValidator' },
  { name: 'MutatingAdmissionPolicy' },
  { name: 'MutatingAdmissionWebhook' },
  // Addresses are given out once, when nothing changes the Service any more.
  { name: 'ServiceAllocation', own: true },
  { name: 'ValidatingAdmissionPolicy' },
  { name: 'ValidatingAdmissionWebhook' },
  // What counts comes last, when nothing refuses or changes the object any more.
  { name: 'ResourceQuota' },
  { name: 'AlwaysDeny', onByDefault: false },
];

/** The plug-ins to use besides the usual ones, and the usual ones to leave out. */
export interface AdmissionChoice {
  readonly enabled?: readonly string[] | undefined;
  readonly disabled?: readonly string[] | undefined;
}

/** The plug-ins of those given that are chosen, in order. Throws an Error for a plug-in that has no place. */
export function orderedAdmission(
  plugins: readonly AdmissionPlugin[],
  choice: AdmissionChoice = {},
): readonly AdmissionPlugin[] {
  const places = new Map(admissionOrder.map(({ name }, index) => [name, index]));
  const placeOf = ({ name }: AdmissionPlugin): number => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`the admission plug-in ${name} has no place in the order`);
    return place;
  };
  return plugins
    .map((plugin) => ({ plugin, place: placeOf(plugin) }))
    .filter(({ plugin }) => isAdmissionChosen(plugin.name, choice))
    .toSorted((a, b) => a.place - b.place)
    .map(({ plugin }) => plugin);
}

/** Whether a plug-in is used. What is named both ways is. */
export function isAdmissionChosen(name: string, { enabled = [], disabled = [] }: AdmissionChoice): boolean {
  const place = admissionOrder.find((one) => one.name === name);
  if (!place) return false;
  const { onByDefault = true, own } = place;
  return own === true || enabled.includes(name) || (onByDefault && !disabled.includes(name));
}

/**
 * What is wrong with `--enable-admission-plugins` and `--disable-admission-plugins`, in upstream's words. Source:
 * AdmissionOptions.Validate in apiserver's pkg/server/options/admission.go.
 */
export function admissionChoiceErrors({ enabled = [], disabled = [] }: AdmissionChoice): readonly string[] {
  const overlap = [...new Set(enabled)].filter((name) => disabled.includes(name)).toSorted();
  return [
    ...enabled.flatMap((name) => enablingErrors(name)),
    ...disabled.filter((name) => !placeOf(name)).map((name) => unknown('disable', name)),
    ...(overlap.length === 0
      ? []
      : [`[${overlap.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`]),
  ];
}

function enablingErrors(name: string): readonly string[] {
  const place = placeOf(name);
  if (!place) return [unknown('enable', name)];
  const { absent } = place;
  // The usual ones are named in many a cluster's flags: that one of them is absent must not keep it from starting.
  if (absent === undefined || place.onByDefault !== false) return [];
  return [`enable-admission-plugins plugin ${JSON.stringify(name)} is not there: ${absent}`];
}

function placeOf(name: string): AdmissionPlace | undefined {
  return admissionOrder.find((place) => place.name === name && !place.own);
}

function unknown(flag: 'enable' | 'disable', name: string): string {
  return `${flag}-admission-plugins plugin ${JSON.stringify(name)} is unknown`;
}
