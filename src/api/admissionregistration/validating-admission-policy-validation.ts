/** Validation of ValidatingAdmissionPolicies. Source: kubernetes' admissionregistration validation. */
import type { CelEnvironment } from '../../machinery/cel/environment.ts';
import { conditionsErrors } from '../../machinery/condition-validation.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { qualifiedNameErrors } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each, present } from '../core/value-checks.ts';
import { expressionErrors } from './expression-validation.ts';
import { policyErrors } from './policy-validation.ts';
import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyStatus,
  Validation,
} from './validating-admission-policy.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const maxAnnotations = 20;
/** The longest expression of an annotation, in bytes. */
const maxValueExpression = 5 * 1024;

/** What is wrong with a ValidatingAdmissionPolicy. */
export function validatingPolicyErrors(
  { metadata: { name }, spec, status }: ValidatingAdmissionPolicy,
  { old, subresource }: ValidationContext<ValidatingAdmissionPolicy>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(status);
  const { validations = [], auditAnnotations = [] } = spec;
  const { errors, environment } = policyErrors(spec, old?.spec);
  if (validations.length + auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    return [...errors, required('spec.validations', detail), required('spec.auditAnnotations', detail)];
  }
  return [
    ...errors,
    ...each(validations, 'spec.validations', (validation, own) => validationErrors(validation, environment, own)),
    ...annotationsErrors(auditAnnotations, name, environment),
  ];
}

function validationErrors(validation: Validation, environment: CelEnvironment, path: string): FieldError[] {
  const { expression, message = '', messageExpression = '', reason } = validation;
  const [own, text] = [`${path}.expression`, `${path}.messageExpression`];
  return [
    ...(expression.trim() === ''
      ? [required(own, 'expression is not specified')]
      : expressionErrors(environment, { text: expression, path: own, types: ['bool'] })),
    ...(messageExpression !== '' && messageExpression.trim() === ''
      ? [invalid(text, messageExpression, 'must be non-empty if specified')]
      : []),
    ...(messageExpression.trim() === ''
      ? []
      : expressionErrors(environment, { text: messageExpression, path: text, types: ['string'] })),
    ...messageErrors(message, `${path}.message`),
    ...(reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, reasons)]),
  ];
}

function messageErrors(message: string, path: string): FieldError[] {
  if (message !== '' && message.trim() === '') {
    return [invalid(path, message, 'message must be non-empty if specified')];
  }
  return /[\n\r]/.test(message.trim()) ? [invalid(path, message, 'message must not contain line breaks')] : [];
}

function annotationsErrors(
  annotations: readonly AuditAnnotation[],
  policy: string,
  environment: CelEnvironment,
): FieldError[] {
  const path = 'spec.auditAnnotations';
  const keys = annotations.map(({ key }) => key);
  return [
    ...(annotations.length > maxAnnotations
      ? [invalid(path, annotations, `must not have more than ${maxAnnotations} auditAnnotations`)]
      : []),
    ...each(annotations, path, ({ key, valueExpression }, own, index) => [
      ...qualifiedNameErrors(`${policy}/${key}`).map((detail) => invalid(`${own}.key`, `${policy}/${key}`, detail)),
      ...valueErrors(valueExpression, environment, `${own}.valueExpression`),
      ...(keys.indexOf(key) < index ? [duplicate(`${own}.key`, key)] : []),
    ]),
  ];
}

function valueErrors(expression: string, environment: CelEnvironment, path: string): FieldError[] {
  const text = expression.trim();
  if (text === '') return [required(path, 'valueExpression is not specified')];
  if (text.length > maxValueExpression) {
    return [required(path, `must not exceed ${maxValueExpression} bytes in length`)];
  }
  return expressionErrors(environment, { text, path, types: ['string', 'null'] });
}

function statusErrors({ typeChecking, conditions }: ValidatingAdmissionPolicyStatus): FieldError[] {
  return [
    ...each(
      typeChecking?.expressionWarnings,
      'status.typeChecking.expressionWarnings',
      ({ warning, fieldRef }, own) => [
        ...present(warning, `${own}.warning`),
        ...present(fieldRef.trim(), `${own}.fieldRef`),
      ],
    ),
    ...conditionsErrors(conditions, 'status.conditions'),
  ];
}
