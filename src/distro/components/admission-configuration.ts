import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';
import { admissionOrder, isAdmissionChosen } from '../../apiserver/admission-order.ts';
import type { AdmissionChoice } from '../../apiserver/admission-order.ts';
import {
  configurablePlugins,
  decodePluginConfiguration,
  isConfigurable,
  unconfiguredErrors,
} from '../../apiserver/admission/plugin-configurations.ts';
import type { PluginConfigurations } from '../../apiserver/admission/plugin-configurations.ts';
import { messageOf } from '../../base/errors.ts';
import { decodeStrictly } from '../../machinery/decode-strictly.ts';
import { defineStruct, isJsonObject, json, list, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';
import { UsageError } from '../config/cluster-config.ts';
import { readFlagFile } from './common-flags.ts';

const flag = '--admission-control-config-file';

const AdmissionPluginConfiguration = defineStruct('AdmissionPluginConfiguration', {
  name: text(1),
  path: text(2).omitEmpty(),
  configuration: json(3).optional(),
});
type AdmissionPluginConfiguration = TypeOf<typeof AdmissionPluginConfiguration>;

/** Which plug-ins are configured how, or where that is said. Source: apiserver.config.k8s.io/v1. */
const AdmissionConfiguration = defineStruct('AdmissionConfiguration', {
  apiVersion: text(1),
  kind: text(2),
  plugins: list(3, AdmissionPluginConfiguration).optional(),
});

const apiVersions: readonly unknown[] = ['apiserver.config.k8s.io/v1', 'apiserver.k8s.io/v1alpha1'];

/**
 * Reads the file of `--admission-control-config-file`, and the files that it names, for the plug-ins that are chosen. Throws
 * a UsageError that names the plug-in and all that is wrong with its configuration.
 */
export function readAdmissionConfiguration(path: string | undefined, choice: AdmissionChoice): PluginConfigurations {
  let configurations: PluginConfigurations = {};
  for (const section of path === undefined ? [] : sectionsOf(path)) {
    const { name } = section;
    if (!admissionOrder.some((place) => place.name === name))
      throw new UsageError(`${flag} ${path}: admission plugin ${JSON.stringify(name)} is unknown`);
    // The first counts, as upstream has it; what is not used need not be right.
    if (!isAdmissionChosen(name, choice) || name in configurations) continue;
    configurations = { ...configurations, ...configurationOf(section, path ?? '') };
  }
  for (const name of configurablePlugins) {
    const problems = isAdmissionChosen(name, choice) && !(name in configurations) ? unconfiguredErrors(name) : [];
    if (problems.length > 0) throw notStarted(name, `${problems.join(', ')}; ${flag} can say more`);
  }
  return configurations;
}

function sectionsOf(path: string): readonly AdmissionPluginConfiguration[] {
  const document = yaml(path);
  // Older files are the configuration of this plug-in alone.
  if (isJsonObject(document) && 'podNodeSelectorPluginConfig' in document && !('kind' in document))
    return [{ name: 'PodNodeSelector', configuration: document }];
  const { apiVersion, kind } = isJsonObject(document) ? document : {};
  if (kind !== 'AdmissionConfiguration' || !apiVersions.includes(apiVersion))
    throw new UsageError(`${flag} ${path} must be an AdmissionConfiguration of apiVersion ${String(apiVersions[0])}`);
  return (decoded(path, document) as TypeOf<typeof AdmissionConfiguration>).plugins ?? [];
}

function decoded(path: string, document: unknown): ReturnType<typeof decodeStrictly> {
  try {
    return decodeStrictly(AdmissionConfiguration.node, document, { version: 'v1', kind: 'AdmissionConfiguration' });
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function yaml(path: string): unknown {
  const content = readFlagFile(path, flag);
  try {
    return load(content);
  } catch (error) {
    throw new UsageError(`${flag} ${path} is no YAML: ${messageOf(error)}`, { cause: error });
  }
}

/** Paths count from the folder of the file that says them. */
function configurationOf(
  { name, path = '', configuration }: AdmissionPluginConfiguration,
  file: string,
): PluginConfigurations {
  const document = configuration ?? (path === '' ? undefined : yaml(resolve(dirname(file), path)));
  if (document === undefined || document === null) return {};
  if (!isConfigurable(name)) throw notStarted(name, 'it has no configuration');
  try {
    return decodePluginConfiguration(name, document);
  } catch (error) {
    throw notStarted(name, messageOf(error), error);
  }
}

function notStarted(name: string, problem: string, cause?: unknown): UsageError {
  return new UsageError(`couldn't init admission plugin ${JSON.stringify(name)}: ${problem}`, { cause });
}
