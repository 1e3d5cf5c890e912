import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { AuditPolicy } from '../../apiserver/audit/audit-policy.ts';
import { validateAuditPolicy } from '../../apiserver/audit/audit-policy-validation.ts';
import { messageOf } from '../../base/errors.ts';
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { fieldErrorsText } from '../../machinery/field-error.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { UsageError } from '../config/cluster-config.ts';

/**
 * Reads the file of `--audit-policy-file`. Throws a UsageError that names it and all that is wrong with it; a field that does
 * not exist is wrong, where upstream only warns: what is misspelt there records less than was meant.
 */
export function loadAuditPolicy(path: string): AuditPolicy {
  try {
    return parseAuditPolicy(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`loading audit policy file: ${messageOf(error)}: from file ${path}`, { cause: error });
  }
}

/** Reads a policy, in YAML or JSON. */
export function parseAuditPolicy(yaml: string): AuditPolicy {
  const document: unknown = yaml.trim() === '' ? undefined : load(yaml);
  if (!isJsonObject(document)) throw new Error('failed decoding: it is no object');
  const { apiVersion = '', kind = '' } = document;
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
    const given = `${String(apiVersion)}, Kind=${String(kind)}`;
    throw new Error(`unknown group version field ${given} in policy`);
  }
  const policy = decodeStrictly(AuditPolicy.node, document, { version: 'v1', kind: 'Policy' }) as AuditPolicy;
  const faults = fieldErrorsText(validateAuditPolicy(policy));
  if (faults !== undefined) throw new Error(faults);
  if (policy.rules.length === 0) throw new Error('loaded illegal policy with 0 rules');
  return policy;
}
