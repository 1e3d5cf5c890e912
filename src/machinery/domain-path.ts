import { dns1123SubdomainErrors } from './formats.ts';

/** The part of a value that is wrong, and what is wrong with it. */
export interface PartError {
  readonly value: string;
  readonly detail: string;
}

const pathPattern = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** What is wrong with a domain and a path such as `acme.io/foo`. Source: apimachinery's IsDomainPrefixedPath. */
export function domainPrefixedPathErrors(value: string): PartError[] {
  const slash = value.indexOf('/');
  const [host, path] = [value.slice(0, slash), value.slice(slash + 1)];
  if (slash < 0 || host === '' || path === '') {
    return [{ value, detail: 'must be a domain-prefixed path (such as "acme.io/foo")' }];
  }
  const errors = dns1123SubdomainErrors(host).map((detail) => ({ value: host, detail }));
  if (new RegExp(`^${pathPattern}$`).test(path)) return errors;
  return [...errors, { value: path, detail: `Invalid path (regex used for validation is '${pathPattern}')` }];
}
