/** How a definition may say that its versions are converted. Source: apiextensions' validation and util/webhook. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors } from '../../machinery/formats.ts';
import { clientErrors } from '../admissionregistration/webhook-validation.ts';
import type { CustomResourceConversion, CustomResourceDefinition } from './custom-resource-definition.ts';
import { isEstablished } from './definition-conditions.ts';

const strategies = ['None', 'Webhook'];
/** Versions of ConversionReview that servers have understood. */
const reviewVersions = ['v1', 'v1beta1'];

/** What is wrong with a conversion. */
export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  old: CustomResourceDefinition | undefined,
): FieldError[] {
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  const path = 'spec.conversion';
  const client = `${path}.webhookClientConfig`;
  const versions = `${path}.conversionReviewVersions`;
  if (strategy === '') return [required(`${path}.strategy`)];
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    return [
      ...(strategies.includes(strategy) ? [] : [notSupported(`${path}.strategy`, strategy, strategies)]),
      ...(webhook?.clientConfig ? [forbidden(client, detail)] : []),
      ...(webhook && webhook.conversionReviewVersions.length > 0 ? [forbidden(versions, detail)] : []),
    ];
  }
  return [
    ...(webhook?.clientConfig
      ? [
          ...clientErrors(webhook.clientConfig, client),
          ...(mustHaveValidBundle(old) ? bundleErrors(webhook.clientConfig.caBundle ?? '', `${client}.caBundle`) : []),
        ]
      : [required(client, 'required when strategy is set to Webhook')]),
    ...reviewVersionErrors(webhook?.conversionReviewVersions ?? [], versions),
  ];
}

function mustHaveValidBundle(old: CustomResourceDefinition | undefined): boolean {
  if (!old || !isEstablished(old)) return false;
  const bundle = old.spec.conversion?.webhook?.clientConfig?.caBundle ?? '';
  return bundle === '' || isValidBundle(bundle);
}

/** Whether base64 holds certificates in PEM. */
export function isValidBundle(bundle: string): boolean {
  if (bundle === '') return true;
  const text = Buffer.from(bundle, 'base64').toString('latin1');
  return /-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/.test(text);
}

function bundleErrors(bundle: string, path: string): FieldError[] {
  if (isValidBundle(bundle)) return [];
  return [invalid(path, bundle, 'unable to load root certificates: unable to parse bytes as PEM block')];
}

function reviewVersionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((version, i) => {
    if (versions.indexOf(version) < i) return [invalid(`${path}[${i}]`, version, 'duplicate version')];
    return dns1035LabelErrors(version).map((wrong) => invalid(`${path}[${i}]`, version, wrong));
  });
  if (versions.some((version) => reviewVersions.includes(version))) return errors;
  return [...errors, invalid(path, versions, `must include at least one of ${reviewVersions.join(', ')}`)];
}
