/** Validation of IngressClasses. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required, tooLong } from '../../machinery/field-error.ts';
import { domainPrefixedPathErrors } from '../../machinery/domain-path.ts';
import type { IngressClass } from './ingress-class.ts';
import { parametersErrors } from './reference-validation.ts';

/** The longest name of a controller, in bytes. */
const maxController = 250;

/** What is wrong with an IngressClass. */
export function ingressClassErrors({ spec: { controller, parameters } }: IngressClass): FieldError[] {
  return [
    ...controllerErrors(controller ?? '', 'spec.controller'),
    ...(parameters ? parametersErrors(parameters, 'spec.parameters') : []),
  ];
}

function controllerErrors(controller: string, path: string): FieldError[] {
  if (controller === '') return [required(path)];
  return [
    ...(controller.length > maxController ? [tooLong(path, '', maxController)] : []),
    ...domainPrefixedPathErrors(controller).map(({ value, detail }) => invalid(path, value, detail)),
  ];
}
