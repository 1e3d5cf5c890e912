/** Names of signers such as `example.com/serving`. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required, tooLong } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import type { FormatCheck } from '../../machinery/formats.ts';

const maxDomain = 253;
/** A domain, a slash, and a name that may itself be a subdomain, a dot and a label. */
const maxName = maxDomain + 1 + 253 + 1 + 63;

/** What is wrong with the name of a signer. */
export function signerNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const [domain = '', own = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, name, detail)];
  }
  return [
    ...(domain.length > maxDomain ? [tooLong(path, '', maxDomain)] : []),
    ...segmentErrors(domain, dns1123LabelErrors, path),
    ...(domain.includes('.')
      ? []
      : [invalid(path, domain, 'should be a domain with at least two segments separated by dots')]),
    ...segmentErrors(own, dns1123SubdomainErrors, path),
    ...(name.length > maxName ? [tooLong(path, '', maxName)] : []),
  ];
}

/** Of several malformed labels the first is enough. */
function segmentErrors(segment: string, check: FormatCheck, path: string): FieldError[] {
  for (const label of segment.split('.')) {
    const faults = check(label).map((fault) => `validating label ${JSON.stringify(label)}: ${fault}`);
    if (faults.length > 0) return faults.map((detail) => invalid(path, segment, detail));
  }
  return [];
}
