/** ControllerRevision: one state of a DaemonSet's or StatefulSet's template, kept to go back to. Source: apps/v1. */
import { invalid, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import { defineResource } from '../../machinery/resource.ts';
import type { StoredObject } from '../../machinery/resource.ts';
import { int64, isJsonObject, json } from '../../machinery/schema.ts';
import { nonNegative } from '../core/value-checks.ts';

const controllerRevisionFields = {
  data: json(2),
  revision: int64(3),
};
export type ControllerRevision = StoredObject<typeof controllerRevisionFields>;

export const ControllerRevision = defineResource({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  scope: 'Namespaced',
  fields: controllerRevisionFields,
  columns: {
    Controller: { description: 'Controller of the object', value: controllerText },
    Revision: ({ revision }) => revision,
  },
  validate: (revision, { old }) => [
    ...nonNegative(revision.revision, 'revision'),
    ...(old ? changeErrors(revision, old) : dataErrors(revision)),
  ],
});

function controllerText({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller);
  if (!owner) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  const kind = owner.kind.toLowerCase();
  return version === undefined ? `${kind}/${owner.name}` : `${kind}.${group}/${owner.name}`;
}

function dataErrors({ data }: ControllerRevision): FieldError[] {
  if (data === undefined || data === null) return [required('data', 'data is mandatory')];
  return isJsonObject(data) ? [] : [required('data', 'data must be a valid JSON object')];
}

function changeErrors({ data }: ControllerRevision, old: ControllerRevision): FieldError[] {
  return equalJson(data, old.data) ? [] : [invalid('data', data, 'field is immutable')];
}
