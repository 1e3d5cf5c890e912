/** How a definition may say that its versions are converted. Source: apiextensions' validation and util/webhook. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../machinery/formats.ts';
import type {
  CustomResourceConversion,
  CustomResourceDefinition,
  WebhookClientConfig,
} from './custom-resource-definition.ts';
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
      ? clientErrors(webhook.clientConfig, { path: client, checkBundle: mustHaveValidBundle(old) })
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

function clientErrors(
  { url, service, caBundle = '' }: WebhookClientConfig,
  { path, checkBundle }: { readonly path: string; readonly checkBundle: boolean },
): FieldError[] {
  const target =
    (url === undefined) === (service === undefined)
      ? [required(path, 'exactly one of url or service is required')]
      : url === undefined
        ? serviceErrors(service ?? { namespace: '', name: '' }, `${path}.service`)
        : urlErrors(url, `${path}.url`);
  if (!checkBundle || isValidBundle(caBundle)) return target;
  const detail = 'unable to load root certificates: unable to parse bytes as PEM block';
  return [...target, invalid(`${path}.caBundle`, caBundle, detail)];
}

function urlErrors(text: string, path: string): FieldError[] {
  const form = '; desired format: https://host[/path]';
  if (!URL.canParse(text)) return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}${form}`)];
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  const user = [url.username, url.password].filter((part) => part !== '').join(':');
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(url.host === '' ? [invalid(path, '', `host must be specified${form}`)] : []),
    ...(user === '' ? [] : [invalid(path, user, 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [invalid(path, url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === '' ? [] : [invalid(path, url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function serviceErrors(
  service: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string | undefined;
    readonly port?: number;
  },
  path: string,
): FieldError[] {
  const { namespace, name, port = 443 } = service;
  const wrongPort = portNumberErrors(port);
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(namespace === '' ? [required(`${path}.namespace`)] : []),
    ...(wrongPort.length > 0 ? [invalid(`${path}.port`, port, `port is not valid: ${wrongPort.join(', ')}`)] : []),
    ...pathErrors(service.path ?? '', `${path}.path`),
  ];
}

function pathErrors(value: string, path: string): FieldError[] {
  if (value === '' || value === '/') return [];
  if (value === '//') return [invalid(path, value, 'segment[0] may not be empty')];
  const segments = value.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(value.startsWith('/') ? [] : [invalid(path, value, "must start with a '/'")]),
    ...segments.flatMap((segment, i) => {
      if (segment === '') return [invalid(path, value, `segment[${i}] may not be empty`)];
      return dns1123SubdomainErrors(segment).map((wrong) => invalid(path, value, `segment[${i}]: ${wrong}`));
    }),
  ];
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
