/** Validation of environment variables. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required } from '../../machinery/field-error.ts';
import {
  configMapKeyErrors,
  dns1123SubdomainErrors,
  envVarNameErrors,
  qualifiedNameErrors,
} from '../../machinery/formats.ts';
import type { Container, EnvFromSource, EnvVar, EnvVarSource } from './container.ts';
import type { ObjectFieldSelector, ResourceFieldSelector } from './volume.ts';
import { each, formatted, present, requiredFormat } from './value-checks.ts';

/** Fields of a pod that its containers may know through the environment. */
const envFields: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
/** Fields of a pod that may be projected into files. */
export const fileFields: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];
const resources: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** What is wrong with a container's environment. */
export function envErrors({ env, envFrom }: Pick<Container, 'env' | 'envFrom'>, path: string): FieldError[] {
  return [...each(env, `${path}.env`, variableErrors), ...each(envFrom, `${path}.envFrom`, envFromErrors)];
}

function variableErrors({ name, value, valueFrom }: EnvVar, path: string): FieldError[] {
  return [
    ...requiredFormat(name, `${path}.name`, envVarNameErrors),
    ...(valueFrom ? sourceErrors(valueFrom, value ?? '', `${path}.valueFrom`) : []),
  ];
}

function sourceErrors(source: EnvVarSource, value: string, path: string): FieldError[] {
  const kinds = Object.values(source).filter((member) => member !== undefined).length;
  if (kinds === 0) {
    const choices = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    return [invalid(path, '', `must specify one of: ${choices}`)];
  }
  const errors = value === '' ? [] : [invalid(path, '', 'may not be specified when `value` is not empty')];
  if (kinds > 1) return [...errors, invalid(path, '', 'may not have more than one field specified at a time')];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef) errors.push(...fieldRefErrors(fieldRef, envFields, `${path}.fieldRef`));
  if (resourceFieldRef) errors.push(...resourceRefErrors(resourceFieldRef, `${path}.resourceFieldRef`));
  if (configMapKeyRef) errors.push(...keyRefErrors(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...keyRefErrors(secretKeyRef, `${path}.secretKeyRef`));
  return errors;
}

/** What is wrong with a reference to one of a pod's fields. */
export function fieldRefErrors(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  allowed: readonly string[],
  path: string,
): FieldError[] {
  if (!apiVersion) return [required(`${path}.apiVersion`)];
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    const key = subscript[2] ?? '';
    return qualifiedNameErrors(key.toLowerCase()).map((detail) => invalid(path, key, detail));
  }
  if (allowed.includes(fieldPath)) return [];
  if (envFields.includes(fieldPath) || fileFields.includes(fieldPath)) {
    return [notSupported(`${path}.fieldPath`, fieldPath, allowed)];
  }
  const detail = `error converting fieldPath: field label not supported: ${fieldPath}`;
  return [invalid(`${path}.fieldPath`, fieldPath, detail)];
}

/** What is wrong with a reference to one of a container's resources. */
export function resourceRefErrors({ resource }: ResourceFieldSelector, path: string): FieldError[] {
  if (!resource) return [required(`${path}.resource`)];
  if (resources.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return [];
  return [notSupported(`${path}.resource`, resource, resources)];
}

function keyRefErrors(
  { name, key }: { readonly name?: string | undefined; readonly key: string },
  path: string,
): FieldError[] {
  return [...present(name, `${path}.name`), ...requiredFormat(key, `${path}.key`, configMapKeyErrors)];
}

function envFromErrors({ prefix, configMapRef, secretRef }: EnvFromSource, path: string): FieldError[] {
  const errors = formatted(prefix, `${path}.prefix`, envVarNameErrors);
  if (configMapRef && secretRef)
    return [...errors, invalid(path, '', 'may not have more than one field specified at a time')];
  if (configMapRef)
    return [...errors, ...requiredFormat(configMapRef.name, `${path}.configMapRef.name`, dns1123SubdomainErrors)];
  if (secretRef)
    return [...errors, ...requiredFormat(secretRef.name, `${path}.secretRef.name`, dns1123SubdomainErrors)];
  return [...errors, invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')];
}
