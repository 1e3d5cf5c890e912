/** Validation of references by group, kind and name. Source: kubernetes' networking validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, pathSegmentErrors } from '../../machinery/formats.ts';
import type { TypedLocalObjectReference } from '../core/volume.ts';
import { requiredFormat } from '../core/value-checks.ts';
import type { IngressClassParametersReference } from './ingress-class.ts';

/** What is wrong with a reference to an object of any kind. */
export function typedReferenceErrors(reference: TypedLocalObjectReference, path: string): FieldError[] {
  const { apiGroup, kind, name } = reference;
  return [
    ...(apiGroup === undefined
      ? []
      : dns1123SubdomainErrors(apiGroup).map((detail) => invalid(`${path}.apiGroup`, apiGroup, detail))),
    ...requiredFormat(kind, `${path}.kind`, pathSegmentErrors),
    ...requiredFormat(name, `${path}.name`, pathSegmentErrors),
  ];
}

/** What is wrong with the reference from an IngressClass to its parameters. */
export function parametersErrors(reference: IngressClassParametersReference, path: string): FieldError[] {
  return [...typedReferenceErrors(reference, path), ...scopeErrors(reference, path)];
}

function scopeErrors({ scope, namespace }: IngressClassParametersReference, path: string): FieldError[] {
  const own = `${path}.namespace`;
  switch (scope) {
    case undefined:
      return [required(`${path}.scope`)];
    case 'Cluster':
      return namespace === undefined ? [] : [forbidden(own, "`parameters.scope` is set to 'Cluster'")];
    case 'Namespace':
      if (namespace === undefined) return [required(own, "`parameters.scope` is set to 'Namespace'")];
      return dns1123LabelErrors(namespace).map((detail) => invalid(own, namespace, detail));
    default:
      return [notSupported(`${path}.scope`, scope, ['Cluster', 'Namespace'])];
  }
}
