/** Checks of labels and label selectors at a path. Source: apimachinery's metav1/validation. */
import type { FieldError } from './field-error.ts';
import { forbidden, invalid, required } from './field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from './formats.ts';
import type { LabelSelector } from './meta.ts';

/** What is wrong with a map of labels. */
export function labelsErrors(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((detail) => invalid(path, key, detail)),
    ...labelValueErrors(value).map((detail) => invalid(path, value, detail)),
  ]);
}

/** What is wrong with a label selector. */
export function labelSelectorErrors(selector: LabelSelector | undefined, path: string): FieldError[] {
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const own = `${path}.matchExpressions[${index}]`;
    return [
      ...operatorErrors(operator, values, own),
      ...qualifiedNameErrors(key).map((detail) => invalid(`${own}.key`, key, detail)),
      ...values.flatMap((value, i) =>
        labelValueErrors(value).map((detail) => invalid(`${own}.values[${i}]`, value, detail)),
      ),
    ];
  });
  return [...labelsErrors(selector?.matchLabels, `${path}.matchLabels`), ...expressions];
}

function operatorErrors(operator: string, values: readonly string[], path: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0
        ? []
        : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}
