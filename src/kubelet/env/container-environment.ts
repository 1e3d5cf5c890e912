import type { ConfigMap } from '../../api/core/config-map.ts';
import type { EnvFromSource, EnvVar, EnvVarSource } from '../../api/core/container.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Secret } from '../../api/core/secret.ts';
import type { Service } from '../../api/core/service.ts';
import { envVarNameErrors } from '../../machinery/formats.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';
import { expand } from './expansion.ts';
import type { NodeAllocatable, PodAddresses } from './field-reference.ts';
import { fieldValue, resourceValue } from './field-reference.ts';
import { serviceEnvironment, visibleServices } from './service-environment.ts';

/** Reads what environments and volumes refer to; undefined when there is no such object. */
export interface ObjectReader {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

/** What an environment is made from. */
export interface EnvironmentContext {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly objects: ObjectReader;
  readonly services: readonly Service[];
  readonly addresses: PodAddresses;
  readonly allocatable: NodeAllocatable;
}

/** A container whose configuration can't be made from what is there. Shown as CreateContainerConfigError. */
export class ContainerConfigError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ContainerConfigError';
  }
}

/** The environment of a container: services, then envFrom, then env, later ones winning. `skipped` names bad keys. */
export async function containerEnvironment(
  context: EnvironmentContext,
): Promise<{ readonly variables: ReadonlyMap<string, string>; readonly skipped: readonly string[] }> {
  const { pod, container } = context;
  const { enableServiceLinks = true } = pod.spec;
  const scope = { namespace: pod.metadata.namespace ?? '', enableServiceLinks };
  const services = serviceEnvironment(visibleServices(context.services, scope));
  const result = new Map<string, string>();
  const skipped: string[] = [];
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of Object.entries(await envFromValues(context, source))) {
      const name = `${source.prefix ?? ''}${key}`;
      if (envVarNameErrors(name).length > 0) skipped.push(name);
      else result.set(name, value);
    }
  }
  for (const variable of container.env ?? []) {
    const value = await envValue(context, variable, (name) => result.get(name) ?? services.get(name));
    if (value !== undefined) result.set(variable.name, value);
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  return { variables: result, skipped };
}

async function envValue(
  context: EnvironmentContext,
  variable: EnvVar,
  lookup: (name: string) => string | undefined,
): Promise<string | undefined> {
  if (variable.valueFrom === undefined) return expand(variable.value ?? '', lookup);
  return sourceValue(context, variable.valueFrom);
}

async function sourceValue(context: EnvironmentContext, source: EnvVarSource): Promise<string | undefined> {
  const { pod, container, addresses, allocatable, objects } = context;
  const namespace = pod.metadata.namespace ?? '';
  try {
    if (source.fieldRef) return fieldValue(pod, source.fieldRef.fieldPath, addresses);
    if (source.resourceFieldRef) {
      return resourceValue(pod, source.resourceFieldRef, { container: container.name, allocatable });
    }
  } catch (error) {
    throw new ContainerConfigError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (source.configMapKeyRef) {
    const { name = '', key, optional } = source.configMapKeyRef;
    const configMap = await objects.configMap(namespace, name);
    if (!configMap && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
    const value = configMap?.data?.[key];
    if (value === undefined && configMap && !optional) {
      throw new ContainerConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    }
    return value;
  }
  if (source.secretKeyRef) {
    const { name = '', key, optional } = source.secretKeyRef;
    const secret = await objects.secret(namespace, name);
    if (!secret && !optional) throw new ContainerConfigError(`secret "${name}" not found`);
    const value = secret?.data?.[key];
    if (value === undefined && secret && !optional) {
      throw new ContainerConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    }
    return value === undefined ? undefined : decode(value);
  }
  return undefined;
}

async function envFromValues(
  { pod, objects }: EnvironmentContext,
  source: EnvFromSource,
): Promise<Readonly<Record<string, string>>> {
  const namespace = pod.metadata.namespace ?? '';
  if (source.configMapRef) {
    const { name = '', optional } = source.configMapRef;
    const configMap = await objects.configMap(namespace, name);
    if (!configMap && !optional) throw new ContainerConfigError(`configmap "${name}" not found`);
    return configMap?.data ?? {};
  }
  const { name = '', optional } = source.secretRef ?? {};
  const secret = await objects.secret(namespace, name);
  if (!secret && !optional) throw new ContainerConfigError(`secret "${name}" not found`);
  return Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decode(value)]));
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
