/** Validation of metadata, for every kind. Source: apimachinery's api/validation/objectmeta. */
import { forbidden, invalid, required, tooLong } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { dns1123LabelErrors, labelValueErrors, nameErrors, qualifiedNameErrors } from './formats.ts';
import type { DraftMeta, ObjectMeta, OwnerReference } from './meta.ts';
import type { ApiObject, Resource } from './resource.ts';

/** All keys and values of annotations together, in bytes. */
const maxAnnotationBytes = 256 * 1024;

/** What decides about the metadata of a kind's objects. */
export type MetadataRules = Pick<Resource, 'nameFormat' | 'namespaced'> & { readonly custom?: unknown };

/** What is wrong with the metadata of an object. */
export function validateMetadata(resource: MetadataRules, object: { readonly metadata: DraftMeta }): FieldError[] {
  const { metadata } = object;
  return [
    ...validateName(resource, metadata),
    ...validateNamespace(resource, metadata),
    ...validateLabels(metadata.labels),
    ...validateAnnotations(metadata.annotations),
    ...validateOwners(metadata.ownerReferences),
    ...validateFinalizers(metadata.finalizers, { plain: resource.custom !== undefined }),
  ];
}

/** What is wrong with how the metadata changed; `old` and `object` are versions of the same object. */
export function validateMetadataUpdate(object: { readonly metadata: DraftMeta }, old: ApiObject): FieldError[] {
  const errors = immutable
    .filter((member) => object.metadata[member] !== old.metadata[member])
    .map((member) => invalid(`metadata.${member}`, object.metadata[member], 'field is immutable'));
  return [...newFinalizersErrors(object.metadata, old.metadata), ...errors];
}

/** What only a delete may set; the rest of what is immutable is put back before. */
const immutable = ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

function newFinalizersErrors({ finalizers = [] }: DraftMeta, old: ObjectMeta): FieldError[] {
  if (!old.deletionTimestamp) return [];
  const added = finalizers.filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (added.length === 0) return [];
  const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
  return [
    forbidden(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
    ),
  ];
}

function validateName(resource: MetadataRules, { name, generateName }: DraftMeta): FieldError[] {
  const format = resource.nameFormat ?? 'subdomain';
  const errors = generateName
    ? nameErrors(format, generateName, { prefix: true }).map((e) => invalid('metadata.generateName', generateName, e))
    : [];
  if (!name) return [...errors, required('metadata.name', 'name or generateName is required')];
  return [...errors, ...nameErrors(format, name).map((e) => invalid('metadata.name', name, e))];
}

function validateNamespace(resource: MetadataRules, { namespace }: DraftMeta): FieldError[] {
  if (!resource.namespaced) return namespace ? [forbidden('metadata.namespace', 'not allowed on this type')] : [];
  if (!namespace) return [required('metadata.namespace')];
  return dns1123LabelErrors(namespace).map((e) => invalid('metadata.namespace', namespace, e));
}

function validateLabels(labels: DraftMeta['labels']): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameErrors(key).map((e) => invalid('metadata.labels', key, e)),
    ...labelValueErrors(value).map((e) => invalid('metadata.labels', value, e)),
  ]);
}

function validateAnnotations(annotations: DraftMeta['annotations']): FieldError[] {
  if (!annotations) return [];
  let size = 0;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...qualifiedNameErrors(key.toLowerCase()).map((e) => invalid('metadata.annotations', key, e)));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return size > maxAnnotationBytes ? [...errors, tooLong('metadata.annotations', '', maxAnnotationBytes)] : errors;
}

function validateOwners(owners: readonly OwnerReference[] | undefined): FieldError[] {
  if (!owners) return [];
  const errors: FieldError[] = [];
  let first: string | undefined;
  for (const [index, owner] of owners.entries()) {
    errors.push(...ownerErrors(owner, `metadata.ownerReferences[${index}]`));
    if (!owner.controller) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (first === undefined) first = name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${name}`;
      errors.push(invalid('metadata.ownerReferences', owners, detail));
    }
  }
  return errors;
}

function ownerErrors(owner: OwnerReference, field: string): FieldError[] {
  const missing = (['apiVersion', 'kind', 'name', 'uid'] as const).filter((member) => !owner[member]);
  const errors = missing.map((member) =>
    invalid(`${field}.${member}`, owner[member] ?? '', `${wordOf(member)} must not be empty`),
  );
  const isEvent = owner.apiVersion === 'v1' && owner.kind === 'Event';
  return isEvent ? [...errors, invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner')] : errors;
}

function wordOf(member: string): string {
  return member === 'apiVersion' ? 'version' : member;
}

/** Finalizers of the garbage collector, which need no domain. */
const plainFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** `plain`: names without a domain are fine, too. */
function validateFinalizers(
  finalizers: readonly string[] | undefined,
  { plain }: { readonly plain: boolean },
): FieldError[] {
  if (!finalizers) return [];
  const errors = finalizers.flatMap((finalizer) => {
    const wrong = qualifiedNameErrors(finalizer);
    if (wrong.length === 0 && !plain && !finalizer.includes('/') && !plainFinalizers.has(finalizer)) {
      return [
        invalid(
          'metadata.finalizers',
          finalizer,
          'name is neither a standard finalizer name nor is it fully qualified',
        ),
      ];
    }
    return wrong.map((e) => invalid('metadata.finalizers', finalizer, e));
  });
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalid('metadata.finalizers', finalizers, detail));
  }
  return errors;
}
