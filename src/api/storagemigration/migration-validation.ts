/** Validation of StorageVersionMigrations. Source: kubernetes' storagemigration validation. */
import { conditionsErrors } from '../../machinery/condition-validation.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import { negativeError } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { present } from '../core/value-checks.ts';
import type { StorageVersionMigration, StorageVersionMigrationStatus } from './storage-version-migration.ts';

const conditions = 'status.conditions';

/** What is wrong with a migration; what it is about never changes, and it ends once. */
export function migrationErrors(
  { spec, status }: StorageVersionMigration,
  { old, subresource }: ValidationContext<StorageVersionMigration>,
): FieldError[] {
  if (subresource === 'status') return statusErrors(status, old?.status ?? {});
  const { group, resource } = spec.resource;
  const before = old?.spec.resource ?? spec.resource;
  return [
    ...present(resource, 'spec.resource.resource', 'resource is required'),
    ...(group === before.group ? [] : [invalid('group', group, 'field is immutable')]),
    ...(resource === before.resource ? [] : [invalid('resource', resource, 'field is immutable')]),
  ];
}

function statusErrors(status: StorageVersionMigrationStatus, old: StorageVersionMigrationStatus): FieldError[] {
  const { resourceVersion = '' } = status;
  const [running, succeeded, failed] = ['Running', 'Succeeded', 'Failed'].map((type) => isTrue(status, type));
  const wrong: readonly (readonly [boolean | undefined, string])[] = [
    [succeeded && failed, 'Both success and failed conditions cannot be true at the same time'],
    [succeeded && running, 'Running condition cannot be true when success condition is true'],
    [failed && running, 'Running condition cannot be true when failed condition is true'],
    [isTrue(old, 'Succeeded') && !succeeded, 'Success condition cannot be set to false once it is true'],
    [isTrue(old, 'Failed') && !failed, 'Failed condition cannot be set to false once it is true'],
  ];
  return [
    ...versionErrors(resourceVersion, old.resourceVersion ?? ''),
    ...conditionsErrors(status.conditions, conditions),
    ...wrong.flatMap(([isWrong, detail]) => (isWrong ? [invalid(conditions, status.conditions, detail)] : [])),
  ];
}

function isTrue(status: StorageVersionMigrationStatus, type: string): boolean {
  return (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}

function versionErrors(version: string, old: string): FieldError[] {
  const path = 'status.resourceVersion';
  const errors: FieldError[] = [];
  if (version !== '' && !/^[+-]?\d+$/.test(version)) {
    const quoted = JSON.stringify(version);
    const detail = `failed to parse resource version ${quoted}: strconv.ParseInt: parsing ${quoted}: invalid syntax`;
    errors.push(invalid(path, version, detail));
  } else if (version.startsWith('-')) errors.push(invalid(path, Number(version), negativeError));
  return old !== '' && old !== version ? [...errors, invalid(path, version, 'cannot be updated')] : errors;
}
