/** The plug-ins that can be configured, and how. Source: each plug-in's configuration API, and AdmissionConfiguration. */
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { decodeStruct } from '../../machinery/decode.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { fieldErrorText, fieldErrorsText, invalid } from '../../machinery/field-error.ts';
import { defineStruct, isJsonObject, text } from '../../machinery/schema.ts';
import type { Struct, TypeOf } from '../../machinery/schema.ts';
import { EventRateLimitConfiguration, eventRateLimitErrors } from './event-rate-limit.ts';
import { PodNodeSelectorConfiguration } from './pod-node-selector.ts';
import { PodSecurityConfiguration, podSecurityConfigurationErrors } from './pod-security/configuration.ts';
import { ResourceQuotaConfiguration, resourceQuotaConfigurationErrors } from './quota-limits.ts';
import { PodTolerationRestrictionConfiguration } from './pod-toleration-restriction.ts';

/** Where the credentials are that webhooks are shown. Source: apiserver.config.k8s.io/v1. */
export const WebhookAdmissionConfiguration = defineStruct('WebhookAdmissionConfiguration', {
  apiVersion: text(1).omitEmpty(),
  kind: text(2).omitEmpty(),
  kubeConfigFile: text(3).omitEmpty(),
});
export type WebhookAdmissionConfiguration = TypeOf<typeof WebhookAdmissionConfiguration>;

/** How the configuration of a plug-in is read. */
interface Form<T> {
  readonly struct: Struct<T, unknown>;
  /** As `apiVersion/kind`; none: it has neither. */
  readonly kinds: readonly string[];
  errors?(configuration: T): readonly FieldError[];
}

const form = <T>(struct: Struct<T, unknown>, kinds: readonly string[], errors?: Form<T>['errors']): Form<T> => ({
  struct,
  kinds,
  ...(errors ? { errors } : {}),
});

const webhookForm = form(
  WebhookAdmissionConfiguration,
  ['apiserver.config.k8s.io/v1/WebhookAdmissionConfiguration'],
  webhookErrors,
);

/** By the names of the plug-ins. */
const forms = {
  PodSecurity: form(
    PodSecurityConfiguration,
    ['v1', 'v1beta1', 'v1alpha1'].map(
      (version) => `pod-security.admission.config.k8s.io/${version}/PodSecurityConfiguration`,
    ),
    podSecurityConfigurationErrors,
  ),
  PodNodeSelector: form(PodNodeSelectorConfiguration, []),
  PodTolerationRestriction: form(PodTolerationRestrictionConfiguration, [
    'podtolerationrestriction.admission.k8s.io/v1alpha1/Configuration',
  ]),
  EventRateLimit: form(
    EventRateLimitConfiguration,
    ['eventratelimit.admission.k8s.io/v1alpha1/Configuration'],
    eventRateLimitErrors,
  ),
  ResourceQuota: form(
    ResourceQuotaConfiguration,
    [
      'apiserver.config.k8s.io/v1/ResourceQuotaConfiguration',
      'resourcequota.admission.k8s.io/v1/Configuration',
      'resourcequota.admission.k8s.io/v1beta1/Configuration',
      'resourcequota.admission.k8s.io/v1alpha1/Configuration',
    ],
    resourceQuotaConfigurationErrors,
  ),
  MutatingAdmissionWebhook: webhookForm,
  ValidatingAdmissionWebhook: webhookForm,
} as const;

/** A plug-in that can be configured. */
export type ConfigurablePlugin = keyof typeof forms;
/** The configurations that were given, by the names of the plug-ins. */
export type PluginConfigurations = {
  readonly [Name in ConfigurablePlugin]?: (typeof forms)[Name] extends Form<infer T> ? T : never;
};

/** Whether a plug-in of that name can be configured. */
export function isConfigurable(name: string): name is ConfigurablePlugin {
  return name in forms;
}

/** The plug-ins that can be configured. */
export const configurablePlugins = Object.keys(forms).filter(isConfigurable);

/** Reads the configuration of a plug-in out of its JSON form. Throws an Error with all that is wrong. */
export function decodePluginConfiguration(name: ConfigurablePlugin, document: unknown): PluginConfigurations {
  const { struct, kinds, errors } = forms[name] as Form<unknown>;
  if (!isJsonObject(document)) throw new Error('it is no object');
  const { apiVersion, kind } = document;
  const isKnown = kinds.length === 0 || kinds.includes(`${String(apiVersion)}/${String(kind)}`);
  if (!isKnown) throw new Error(`no kind ${quoted(kind)} is registered for version ${quoted(apiVersion)}`);
  const object = decodeStrictly(struct.node, document, { version: String(apiVersion), kind: String(kind) });
  const faults = fieldErrorsText(errors?.(object) ?? []);
  if (faults !== undefined) throw new Error(faults);
  return { [name]: object };
}

/** What is wrong when a plug-in is used without a configuration. */
export function unconfiguredErrors(name: ConfigurablePlugin): readonly string[] {
  const { struct, errors } = forms[name] as Form<unknown>;
  const { object } = decodeStruct(struct.node, {}, { version: '', kind: '' });
  return (errors?.(object) ?? []).map(fieldErrorText);
}

function webhookErrors({ kubeConfigFile = '' }: WebhookAdmissionConfiguration): readonly FieldError[] {
  if (kubeConfigFile === '' || kubeConfigFile.startsWith('/')) return [];
  return [invalid('kubeConfigFile', kubeConfigFile, 'must be an absolute file path')];
}

function quoted(value: unknown): string {
  return JSON.stringify(value ?? '');
}
