/** What `x-kubernetes-validations` may say, apart from the expressions themselves. Source: apiextensions' validation.go. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { JsonSchema, ValidationRule } from '../../machinery/structural/json-schema.ts';
import { schemaAtPath } from '../../machinery/structural/schema-path.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What is wrong with the rules of one schema. */
export function ruleErrors(schema: JsonSchema, path: string): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    return [...messageErrors(rule, at), ...reasonErrors(rule, at), ...fieldPathErrors(schema, rule, at)];
  });
}

const hasNewlines = (text: string): boolean => /[\n\r]/.test(text);

function messageErrors({ rule, message = '', messageExpression = '' }: ValidationRule, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
  } else if (hasNewlines(message.trim())) {
    errors.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
  } else if (hasNewlines(rule.trim()) && message.trim() === '') {
    errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  return errors;
}

function reasonErrors({ reason }: ValidationRule, at: string): FieldError[] {
  return reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${at}.reason`, reason, reasons)];
}

function fieldPathErrors(schema: JsonSchema, { fieldPath = '' }: ValidationRule, at: string): FieldError[] {
  if (fieldPath === '') return [];
  const refuse = (detail: string): FieldError => invalid(`${at}.fieldPath`, fieldPath, detail);
  return [
    ...(fieldPath.trim() === '' ? [refuse('must be non-empty if specified')] : []),
    ...(hasNewlines(fieldPath) ? [refuse('must not contain line breaks')] : []),
    ...('error' in schemaAtPath(schema, fieldPath) ? [refuse('must be a valid path')] : []),
  ];
}
