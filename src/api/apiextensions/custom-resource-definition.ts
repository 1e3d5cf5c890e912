import { defineResource, statusMetadata } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { bool, bytes, defineStruct, int32, int64, list, struct, text, time } from '../../machinery/schema.ts';
import type { DraftOf, TypeOf, Writable } from '../../machinery/schema.ts';
import { setCondition } from './definition-conditions.ts';
import { validateDefinition } from './definition-validation.ts';
import { definitionWarnings } from './definition-warnings.ts';
import { JSONSchemaProps } from './json-schema-props.ts';

const Names = defineStruct('CustomResourceDefinitionNames', {
  plural: text(1),
  singular: text(2).omitEmpty(),
  shortNames: list(3, text).optional(),
  kind: text(4),
  listKind: text(5).omitEmpty(),
  categories: list(6, text).optional(),
});
/** The names of a custom resource. */
export type DefinitionNames = TypeOf<typeof Names>;

const ServiceReference = defineStruct('ServiceReference', {
  namespace: text(1),
  name: text(2),
  path: text(3).optional(),
  port: int32(4).default(443),
});

const WebhookClientConfig = defineStruct('WebhookClientConfig', {
  url: text(3).optional(),
  service: struct(1, ServiceReference).optional(),
  caBundle: bytes(2).omitEmpty(),
});
/** Where a conversion webhook is. */
export type WebhookClientConfig = TypeOf<typeof WebhookClientConfig>;

const WebhookConversion = defineStruct('WebhookConversion', {
  clientConfig: struct(2, WebhookClientConfig).optional(),
  conversionReviewVersions: list(3, text),
});
/** A conversion by webhook. */
export type WebhookConversion = TypeOf<typeof WebhookConversion>;

const CustomResourceConversion = defineStruct('CustomResourceConversion', {
  strategy: text(1),
  webhook: struct(2, WebhookConversion).optional(),
});
/** How the versions of a custom resource are converted into each other. */
export type CustomResourceConversion = TypeOf<typeof CustomResourceConversion>;

const ScaleSubresource = defineStruct('CustomResourceSubresourceScale', {
  specReplicasPath: text(1),
  statusReplicasPath: text(2),
  labelSelectorPath: text(3).optional(),
});

const Subresources = defineStruct('CustomResourceSubresources', {
  status: struct(1, defineStruct('CustomResourceSubresourceStatus', {})).optional(),
  scale: struct(2, ScaleSubresource).optional(),
});
/** The subresources of a version. */
export type DefinitionSubresources = TypeOf<typeof Subresources>;

const PrinterColumn = defineStruct('CustomResourceColumnDefinition', {
  name: text(1),
  type: text(2),
  format: text(3).omitEmpty(),
  description: text(4).omitEmpty(),
  priority: int32(5).omitEmpty(),
  jsonPath: text(6),
});
/** A column that `kubectl get` shows. */
export type PrinterColumn = TypeOf<typeof PrinterColumn>;

const Version = defineStruct('CustomResourceDefinitionVersion', {
  name: text(1),
  served: bool(2),
  storage: bool(3),
  deprecated: bool(7).omitEmpty(),
  deprecationWarning: text(8).optional(),
  schema: struct(
    4,
    defineStruct('CustomResourceValidation', { openAPIV3Schema: struct(1, JSONSchemaProps).optional() }),
  ).optional(),
  subresources: struct(5, Subresources).optional(),
  additionalPrinterColumns: list(6, PrinterColumn).optional(),
  selectableFields: list(9, defineStruct('SelectableField', { jsonPath: text(1) })).optional(),
});
/** A version of a custom resource. */
export type DefinitionVersion = TypeOf<typeof Version>;

const Spec = defineStruct('CustomResourceDefinitionSpec', {
  group: text(1),
  names: struct(3, Names),
  scope: text(4),
  versions: list(7, Version),
  conversion: struct(9, CustomResourceConversion).optional(),
  preserveUnknownFields: bool(10).omitEmpty(),
});
/** The specification of a definition. */
export type DefinitionSpec = TypeOf<typeof Spec>;

const DefinitionCondition = defineStruct('CustomResourceDefinitionCondition', {
  type: text(1),
  status: text(2),
  lastTransitionTime: time(3).omitEmpty(),
  reason: text(4).omitEmpty(),
  message: text(5).omitEmpty(),
  observedGeneration: int64(6).omitEmpty(),
});
/** One aspect of a definition's state. */
export type DefinitionCondition = TypeOf<typeof DefinitionCondition>;

const Status = defineStruct('CustomResourceDefinitionStatus', {
  conditions: list(1, DefinitionCondition, { type: 'map', keys: ['type'] }),
  acceptedNames: struct(2, Names),
  storedVersions: list(3, text),
  observedGeneration: int64(4).omitEmpty(),
});
/** The status of a definition. */
export type DefinitionStatus = TypeOf<typeof Status>;

const definitionFields = { spec: struct(2, Spec), status: struct(3, Status).default({}) };

/** A definition of custom resources. */
export type CustomResourceDefinition = StoredObject<typeof definitionFields>;

/** What a client sends to make a definition. */
export type DefinitionDraft = {
  readonly metadata: { readonly name: string };
  readonly spec: DraftOf<typeof Spec>;
};

/** Keeps a definition until its instances are deleted. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const createdAtDescription =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

/** Defines a kind of object that the server then serves. Source: apiextensions/v1. */
export const CustomResourceDefinition = defineResource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  fields: definitionFields,
  subresources: ['status'],
  replacedByVersion: true,
  keptFromStatus: statusMetadata.filter((member) => member !== 'finalizers'),
  columns: {
    Name: ({ metadata }) => metadata.name,
    'Created At': {
      value: ({ metadata }) => metadata.creationTimestamp,
      type: 'date',
      description: createdAtDescription,
    },
  },
  defaults({ spec, status }) {
    spec.names.singular ??= spec.names.kind.toLowerCase();
    if (spec.names.kind !== '') spec.names.listKind ??= `${spec.names.kind}List`;
    spec.conversion ??= { strategy: 'None' };
    if (status.storedVersions.length === 0) recordStoredVersion(status, spec);
  },
  prepareForCreate(definition) {
    definition.status = { conditions: [], acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
    recordStoredVersion(definition.status, definition.spec);
  },
  prepareForUpdate: (definition) => recordStoredVersion(definition.status, definition.spec),
  prepareForDelete(definition, { now }) {
    definition.metadata.finalizers = [...new Set([...(definition.metadata.finalizers ?? []), cleanupFinalizer])];
    setCondition(definition.status, { ...deletionPending, status: 'True', lastTransitionTime: now });
  },
  validate: validateDefinition,
  warnings: definitionWarnings,
});

const deletionPending = {
  type: 'Terminating',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

function recordStoredVersion(status: Writable<DefinitionStatus>, { versions }: DefinitionSpec): void {
  const name = versions.find(({ storage }) => storage)?.name;
  if (name !== undefined && !status.storedVersions.includes(name)) status.storedVersions.push(name);
}
