/** Validation of webhooks of both kinds. Source: kubernetes' admissionregistration validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { each, present } from '../core/value-checks.ts';
import { matchConditionsErrors } from './expression-validation.ts';
import type { MutatingWebhook } from './mutating-webhook-configuration.ts';
import { policyEnvironment } from './policy-environment.ts';
import { ruleErrors } from './rule-validation.ts';
import type { ServiceReference, ValidatingWebhook, WebhookClientConfig } from './validating-webhook-configuration.ts';

type Webhook = ValidatingWebhook | MutatingWebhook;

/** Reviews that this server sends. */
const reviewVersions = ['v1', 'v1beta1'];
const sideEffectFree = ['None', 'NoneOnDryRun'];

/** What is wrong with a configuration's webhooks. Conditions that did not change are not compiled again. */
export function webhooksErrors(webhooks: readonly Webhook[] = [], old: readonly Webhook[] | undefined): FieldError[] {
  const names = webhooks.map(({ name }) => name);
  const known = old?.length === webhooks.length ? old : [];
  return each<Webhook>(webhooks, 'webhooks', (webhook, path, index) => [
    ...webhookErrors(webhook, path),
    ...(equalJson(webhook.matchConditions ?? [], known[index]?.matchConditions)
      ? []
      : matchConditionsErrors(webhook.matchConditions, `${path}.matchConditions`, () =>
          policyEnvironment({ params: false, namespaceObject: false }),
        )),
    ...versionsErrors(webhook.admissionReviewVersions, `${path}.admissionReviewVersions`),
    ...(webhook.name !== '' && names.indexOf(webhook.name) < index ? [duplicate(`${path}.name`, webhook.name)] : []),
  ]);
}

function webhookErrors(webhook: Webhook, path: string): FieldError[] {
  const { sideEffects, timeoutSeconds: timeout } = webhook;
  const effects = `${path}.sideEffects`;
  return [
    ...nameErrors(webhook.name, `${path}.name`),
    ...each(webhook.rules, `${path}.rules`, ruleErrors),
    ...((sideEffects as string) === ''
      ? [required(effects, `must specify one of ${sideEffectFree.join(', ')}`)]
      : sideEffectFree.includes(sideEffects)
        ? []
        : [notSupported(effects, sideEffects, sideEffectFree)]),
    ...(timeout < 1 || timeout > 30
      ? [invalid(`${path}.timeoutSeconds`, timeout, 'the timeout value must be between 1 and 30 seconds')]
      : []),
    ...labelSelectorErrors(webhook.namespaceSelector, `${path}.namespaceSelector`),
    ...labelSelectorErrors(webhook.objectSelector, `${path}.objectSelector`),
    ...clientErrors(webhook.clientConfig, `${path}.clientConfig`),
  ];
}

function nameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const faults = dns1123SubdomainErrors(name);
  if (faults.length > 0) return [invalid(path, name, faults.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

function versionsErrors(versions: readonly string[], path: string): FieldError[] {
  const list = reviewVersions.join(', ');
  if (versions.length === 0) return [required(path, `must specify one of ${list}`)];
  const errors = each(versions, path, (version, own, index) =>
    versions.indexOf(version) < index
      ? [invalid(own, version, 'duplicate version')]
      : dns1035LabelErrors(version).map((detail) => invalid(own, version, detail)),
  );
  if (versions.some((version) => reviewVersions.includes(version))) return errors;
  return [...errors, invalid(path, versions, `must include at least one of ${list}`)];
}

/** What is wrong with how a webhook is reached. */
export function clientErrors({ url, service }: WebhookClientConfig, path: string): FieldError[] {
  if ((url === undefined) === (service === undefined)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  if (url !== undefined) return urlErrors(url, `${path}.url`);
  return service ? serviceErrors(service, `${path}.service`) : [];
}

const form = '; desired format: https://host[/path]';

function urlErrors(text: string, path: string): FieldError[] {
  const [, scheme = '', rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text) ?? [];
  const [, host = '', , query = '', fragment = ''] = /^\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  const user = host.includes('@') ? host.slice(0, host.lastIndexOf('@')) : undefined;
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalid(path, host, `host must be specified${form}`)] : []),
    ...(user === undefined ? [] : [invalid(path, user, 'user information is not permitted in the URL')]),
    ...(fragment === '' ? [] : [invalid(path, fragment.slice(1), 'fragments are not permitted in the URL')]),
    ...(query === '' ? [] : [invalid(path, query.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function serviceErrors({ name, namespace, path: urlPath, port }: ServiceReference, path: string): FieldError[] {
  const faults = portNumberErrors(port);
  return [
    ...present(name, `${path}.name`),
    ...present(namespace, `${path}.namespace`),
    ...(faults.length > 0 ? [invalid(`${path}.port`, port, `port is not valid: ${faults.join(', ')}`)] : []),
    ...servicePathErrors(urlPath ?? '', `${path}.path`),
  ];
}

function servicePathErrors(urlPath: string, path: string): FieldError[] {
  if (urlPath === '' || urlPath === '/') return [];
  if (urlPath === '//') return [invalid(path, urlPath, 'segment[0] may not be empty')];
  const segments = urlPath.slice(1).replace(/\/$/, '').split('/');
  return [
    ...(urlPath.startsWith('/') ? [] : [invalid(path, urlPath, "must start with a '/'")]),
    ...segments.flatMap((segment, index) =>
      segment === ''
        ? [invalid(path, urlPath, `segment[${index}] may not be empty`)]
        : dns1123SubdomainErrors(segment).map((fault) => invalid(path, urlPath, `segment[${index}]: ${fault}`)),
    ),
  ];
}
