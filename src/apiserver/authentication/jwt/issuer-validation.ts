/** What an issuer must be. Source: apiserver's apis/apiserver/validation. */
import { duplicate, invalid, required } from '../../../machinery/field-error.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import type { JwtIssuer } from './authentication-configuration.ts';

/** All that is wrong with an issuer, but for its authority. */
export function issuerFaults(issuer: JwtIssuer, field: string, disallowed: readonly string[]): readonly FieldError[] {
  const { url, discoveryURL = '', egressSelectorType = '' } = issuer;
  return [
    ...(url === '' ? [required(`${field}.url`)] : urlFaults(url, `${field}.url`, disallowed)),
    ...(discoveryURL === '' ? [] : discoveryFaults(url, discoveryURL, `${field}.discoveryURL`)),
    ...audienceFaults(issuer, field),
    ...egressFaults(egressSelectorType, `${field}.egressSelectorType`),
  ];
}

function discoveryFaults(url: string, discovery: string, field: string): readonly FieldError[] {
  const trimmed = (text: string): string => text.replace(/\/+$/, '');
  const isSame = url !== '' && trimmed(url) === trimmed(discovery);
  return [
    ...(isSame ? [invalid(field, discovery, 'discoveryURL must be different from URL')] : []),
    ...urlFaults(discovery, field, []),
  ];
}

function urlFaults(text: string, field: string, disallowed: readonly string[]): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (disallowed.includes(text)) {
    const detail = `URL must not overlap with disallowed issuers: [${[...disallowed].sort().join(' ')}]`;
    faults.push(invalid(field, text, detail));
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text)?.[1] ?? '';
  if (scheme === '' && /^[^/?#]*:/.test(text)) {
    return [
      ...faults,
      invalid(field, text, `parse ${JSON.stringify(text)}: first path segment in URL cannot contain colon`),
    ];
  }
  const url = URL.parse(scheme === '' ? `https:${text}` : text, 'https://none');
  if (!url) return [...faults, invalid(field, text, `parse ${JSON.stringify(text)}: invalid URL`)];
  if (scheme.toLowerCase() !== 'https') faults.push(invalid(field, text, 'URL scheme must be https'));
  if (url.username !== '' || url.password !== '') {
    faults.push(invalid(field, text, 'URL must not contain a username or password'));
  }
  if (url.search !== '') faults.push(invalid(field, text, 'URL must not contain a query'));
  if (url.hash !== '') faults.push(invalid(field, text, 'URL must not contain a fragment'));
  return faults;
}

function audienceFaults({ audiences, audienceMatchPolicy = '' }: JwtIssuer, field: string): readonly FieldError[] {
  const path = `${field}.audiences`;
  if (audiences.length === 0) return [required(path, `at least one ${path} is required`)];
  const faults = audiences.flatMap((audience, index) => [
    ...(audience === '' ? [required(`${path}[${index}]`)] : []),
    ...(audiences.indexOf(audience) < index ? [duplicate(`${path}[${index}]`, audience)] : []),
  ]);
  if (audienceMatchPolicy === 'MatchAny' || (audiences.length === 1 && audienceMatchPolicy === '')) return faults;
  const wanted =
    audiences.length > 1
      ? 'audienceMatchPolicy must be MatchAny for multiple audiences'
      : 'audienceMatchPolicy must be empty or MatchAny for single audience';
  return [...faults, invalid(`${field}.audienceMatchPolicy`, audienceMatchPolicy, wanted)];
}

/** There is no way but the direct one, which is that of the cluster's own network. */
function egressFaults(type: string, field: string): readonly FieldError[] {
  if (type === '' || type === 'cluster') return [];
  const detail =
    type === 'controlplane'
      ? 'oidc: egress lookup for "controlplane" is not configured'
      : 'egress selector must be either controlplane or cluster';
  return [invalid(field, type, detail)];
}
