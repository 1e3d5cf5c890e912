/** Validation of DeviceClasses. Source: kubernetes' resource validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { isExtendedResource } from '../core/resource-names.ts';
import type { DeviceClass } from './device-class.ts';
import { selectorsErrors } from './device-selector-validation.ts';
import { configurationErrors, limited } from './resource-checks.ts';

const maxConfigurations = 32;

/** What is wrong with a DeviceClass. What did not change is not looked at again. */
export function deviceClassErrors({ spec }: DeviceClass, { old }: ValidationContext<DeviceClass>): FieldError[] {
  const { selectors, config, extendedResourceName: name } = spec;
  const path = 'spec.config';
  return [
    ...(old && equalJson(selectors, old.spec.selectors) ? [] : selectorsErrors(selectors, 'spec.selectors')),
    ...(old && equalJson(config, old.spec.config)
      ? []
      : limited(config, { path, max: maxConfigurations }, configurationErrors)),
    ...(name !== undefined && !isExtendedResource(name)
      ? [invalid('spec.extendedResourceName', name, 'must be a valid extended resource name')]
      : []),
  ];
}
