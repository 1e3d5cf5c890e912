import { admissionChoiceErrors } from '../../apiserver/admission-order.ts';
import type { AdmissionSettings } from '../../apiserver/admission/admission-parts.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readAdmissionConfiguration } from './admission-configuration.ts';
import { file, texts } from './flag.ts';
import type { FlagValues } from './flag.ts';
import { readWebhookCredentials } from './webhook-credentials.ts';

/** Which admission plug-ins an API server has, and how they are. */
export const admissionFlags = {
  'enable-admission-plugins': texts('plug-ins to use besides the usual ones, in whatever order'),
  'disable-admission-plugins': texts('plug-ins to leave out'),
  'admission-control-config-file': file('an AdmissionConfiguration: how plug-ins are to be'),
};

/** What the flags and the files that they name say of admission. Throws UsageError. */
export async function admissionSettings(flags: FlagValues<typeof admissionFlags>): Promise<AdmissionSettings> {
  const { 'enable-admission-plugins': enabled, 'disable-admission-plugins': disabled } = flags;
  const choice = { enabled, disabled };
  const errors = admissionChoiceErrors(choice);
  if (errors.length > 0) throw new UsageError(errors.join('; '));
  const pluginConfigurations = readAdmissionConfiguration(flags['admission-control-config-file'], choice);
  return {
    enabledAdmission: enabled,
    disabledAdmission: disabled,
    pluginConfigurations,
    webhookCredentials: await readWebhookCredentials(pluginConfigurations),
  };
}
