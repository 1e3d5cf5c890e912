import type { AdmissionSettings } from '../../apiserver/admission/admission-parts.ts';
import { decodePluginConfiguration } from '../../apiserver/admission/plugin-configurations.ts';
import { admissionSettings } from '../components/admission-flags.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/**
 * What pods may do where a namespace does not say: everything, as users of Kubernetes expect, but whoever makes one that could
 * take over its node is warned of it, and it is noted in the audit log.
 */
const podSecurity = {
  apiVersion: 'pod-security.admission.config.k8s.io/v1',
  kind: 'PodSecurityConfiguration',
  defaults: { enforce: 'privileged', audit: 'baseline', warn: 'baseline' },
  exemptions: { namespaces: ['kube-system'] },
};

/** What a cluster's API server is told about admission. Throws a UsageError when it could not do it. */
export async function clusterAdmission(config: ClusterConfig): Promise<AdmissionSettings> {
  const settings = await admissionSettings({
    'enable-admission-plugins': config.enableAdmissionPlugins,
    'disable-admission-plugins': config.disableAdmissionPlugins,
    'admission-control-config-file': config.admissionControlConfigFile,
  });
  const pluginConfigurations = {
    ...decodePluginConfiguration('PodSecurity', podSecurity),
    ...settings.pluginConfigurations,
  };
  return { ...settings, pluginConfigurations };
}
