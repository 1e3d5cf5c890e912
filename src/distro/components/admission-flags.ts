import { admissionChoiceErrors } from '../../apiserver/admission-order.ts';
import type { AdmissionSettings } from '../../apiserver/admission/admission-parts.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readAdmissionConfiguration } from './admission-configuration.ts';
import { file, integer, texts } from './flag.ts';
import type { FlagValues } from './flag.ts';
import { readWebhookCredentials } from './webhook-credentials.ts';

/** Which admission plug-ins an API server has, and how they are. */
export const admissionFlags = {
  'enable-admission-plugins': texts('plug-ins to use besides the usual ones, in whatever order'),
  'disable-admission-plugins': texts('plug-ins to leave out'),
  'admission-control-config-file': file('an AdmissionConfiguration: how plug-ins are to be'),
  'default-not-ready-toleration-seconds': integer(0, 2 ** 31 - 1)(
    'how long pods stay on a node that is not ready, if they do not say themselves',
    300,
  ),
  'default-unreachable-toleration-seconds': integer(0, 2 ** 31 - 1)(
    'how long pods stay on a node that is not reachable, if they do not say themselves',
    300,
  ),
};

type Flags = FlagValues<typeof admissionFlags>;
type AlwaysGiven = 'enable-admission-plugins' | 'disable-admission-plugins' | 'admission-control-config-file';

/** What the flags and the files that they name say of admission. Throws UsageError. */
export async function admissionSettings(flags: Pick<Flags, AlwaysGiven> & Partial<Flags>): Promise<AdmissionSettings> {
  const { 'enable-admission-plugins': enabled, 'disable-admission-plugins': disabled } = flags;
  const choice = { enabled, disabled };
  const errors = admissionChoiceErrors(choice);
  if (errors.length > 0) throw new UsageError(errors.join('; '));
  const pluginConfigurations = readAdmissionConfiguration(flags['admission-control-config-file'], choice);
  return {
    enabledAdmission: enabled,
    disabledAdmission: disabled,
    defaultTolerations: {
      notReady: flags['default-not-ready-toleration-seconds'],
      unreachable: flags['default-unreachable-toleration-seconds'],
    },
    pluginConfigurations,
    webhookCredentials: await readWebhookCredentials(pluginConfigurations),
  };
}
