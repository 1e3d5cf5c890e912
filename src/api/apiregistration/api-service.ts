import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors, portNumberErrors } from '../../machinery/formats.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, bytes, defineStruct, int32, list, struct, text, time } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

export const ServiceReference = defineStruct('ServiceReference', {
  namespace: text(1).omitEmpty(),
  name: text(2).omitEmpty(),
  port: int32(3).default(443),
});
export type ServiceReference = TypeOf<typeof ServiceReference>;

export const APIServiceSpec = defineStruct('APIServiceSpec', {
  service: struct(1, ServiceReference).optional(),
  group: text(2).omitEmpty(),
  version: text(3).omitEmpty(),
  insecureSkipTLSVerify: bool(4).omitEmpty(),
  caBundle: bytes(5).optional(),
  groupPriorityMinimum: int32(7),
  versionPriority: int32(8),
});
export type APIServiceSpec = TypeOf<typeof APIServiceSpec>;

export const APIServiceCondition = defineStruct('APIServiceCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
});
export type APIServiceCondition = TypeOf<typeof APIServiceCondition>;

export const APIServiceStatus = defineStruct('APIServiceStatus', {
  conditions: list(1, APIServiceCondition, {
    type: 'map',
    keys: ['type'],
    mergeKey: 'type',
    patch: 'merge',
  }).optional(),
});
export type APIServiceStatus = TypeOf<typeof APIServiceStatus>;

const apiServiceFields = {
  spec: struct(2, APIServiceSpec).default({}),
  status: struct(3, APIServiceStatus).default({}),
};

/** Says who serves a version of a group: this server or one behind a Service. Source: apiregistration.k8s.io/v1. */
export type APIService = StoredObject<typeof apiServiceFields>;

export const APIService = defineResource({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
  categories: ['api-extensions'],
  subresources: ['status'],
  nameFormat: 'path',
  fields: apiServiceFields,
  columns: {
    Service: {
      value: ({ spec: { service } }) => (service ? `${service.namespace ?? ''}/${service.name ?? ''}` : 'Local'),
      description: 'The Service behind which the API is served.',
    },
    Available: { value: availability, description: 'Whether it can be used.' },
  },
  prepareForCreate(object) {
    object.status = {};
    if (object.spec.service) return;
    // What this server itself serves is available as long as anybody can ask.
    const { creationTimestamp } = object.metadata;
    object.status = { conditions: [{ ...localCondition, lastTransitionTime: creationTimestamp }] };
  },
  validate: (object, { subresource }) => (subresource === 'status' ? statusErrors(object) : specErrors(object)),
});

/** What is true of every group version that is served here. */
export const localCondition = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
} as const;

/** The name of the APIService of a group version. */
export function apiServiceName(group: string, version: string): string {
  return `${version}.${group}`;
}

function availability({ status }: APIService): string {
  const found = status.conditions?.find(({ type }) => type === 'Available');
  if (!found) return 'Unknown';
  return found.status === 'True' || !found.reason ? found.status : `${found.status} (${found.reason})`;
}

function specErrors({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', service, caBundle = '', insecureSkipTLSVerify = false } = spec;
  const errors: FieldError[] = [];
  const wanted = apiServiceName(group, version);
  if (metadata.name !== wanted) {
    const detail = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`;
    errors.push(invalid('metadata.name', metadata.name, detail));
  }
  if (group === '' && version !== 'v1') {
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  }
  if (group !== '') errors.push(...dns1123SubdomainErrors(group).map((text) => invalid('spec.group', group, text)));
  errors.push(
    ...dns1035LabelErrors(version).map((text) => invalid('spec.version', version, text)),
    ...priorityErrors('spec.groupPriorityMinimum', spec.groupPriorityMinimum, 20_000),
    ...priorityErrors('spec.versionPriority', spec.versionPriority, 1000),
  );
  return [...errors, ...(service ? remoteErrors(spec, service) : localErrors(caBundle, insecureSkipTLSVerify))];
}

function priorityErrors(field: string, value: number, max: number): FieldError[] {
  return value > 0 && value <= max ? [] : [invalid(field, value, `must be positive and less than ${max}`)];
}

function localErrors(caBundle: string, insecure: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle !== '') {
    const size = `${Math.floor((caBundle.replace(/=+$/, '').length * 3) / 4)} bytes`;
    errors.push(invalid('spec.caBundle', size, 'local APIServices may not have a caBundle'));
  }
  if (insecure) {
    const detail = 'local APIServices may not have insecureSkipTLSVerify';
    errors.push(invalid('spec.insecureSkipTLSVerify', insecure, detail));
  }
  return errors;
}

function remoteErrors(spec: APIServiceSpec, { namespace, name, port }: ServiceReference): FieldError[] {
  const errors: FieldError[] = [];
  if (!namespace) errors.push(required('spec.service.namespace'));
  if (!name) errors.push(required('spec.service.name'));
  const portErrors = portNumberErrors(port);
  if (portErrors.length > 0) {
    errors.push(invalid('spec.service.port', port, `port is not valid: ${portErrors.join(', ')}`));
  }
  if (spec.insecureSkipTLSVerify && spec.caBundle) {
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
  return errors;
}

function statusErrors({ status }: APIService): FieldError[] {
  const allowed = ['True', 'False', 'Unknown'];
  return (status.conditions ?? []).flatMap((condition, index) =>
    allowed.includes(condition.status)
      ? []
      : [notSupported(`status.conditions[${index}].status`, condition.status, allowed)],
  );
}
