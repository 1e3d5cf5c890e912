/** The refusals of Service allocation, as one Invalid error. */
import { StatusError } from '../../base/errors.ts';
import { Service } from '../../api/core/service.ts';
import { fieldErrorBody, fieldErrorText, invalid } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';

/** The Invalid error of one field of a Service. */
export function invalidService(name: string, error: FieldError): StatusError {
  const { kind } = Service;
  return new StatusError('Invalid', `${kind} ${JSON.stringify(name)} is invalid: ${fieldErrorText(error)}`, {
    details: { name, kind, causes: [{ reason: error.type, message: fieldErrorBody(error), field: error.field }] },
  });
}

/** A cluster address that can't be had. */
export function addressRefused(name: string, addresses: readonly string[], reason: string): StatusError {
  return invalidService(name, invalid('spec.clusterIPs', addresses, reason));
}

/** A node port that can't be had. */
export function portRefused(name: string, index: number, port: number, reason: string): StatusError {
  return invalidService(name, invalid(`spec.ports[${index}].nodePort`, port, reason));
}
