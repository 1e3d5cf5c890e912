import type { AdmissionSettings } from '../../apiserver/admission/admission-parts.ts';
import { admissionSettings } from '../components/admission-flags.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';

/** What a cluster's API server is told about admission. Throws a UsageError when it could not do it. */
export function clusterAdmission(config: ClusterConfig): Promise<AdmissionSettings> {
  return admissionSettings({
    'enable-admission-plugins': config.enableAdmissionPlugins,
    'disable-admission-plugins': config.disableAdmissionPlugins,
    'admission-control-config-file': config.admissionControlConfigFile,
  });
}
