/** A version of a custom resource definition as a kind that is served like any other. */
import type {
  CustomResourceDefinition,
  DefinitionVersion,
} from '../../api/apiextensions/custom-resource-definition.ts';
import type { JsonObject } from '../../base/json.ts';
import { compilePath } from '../../machinery/jsonpath/jsonpath.ts';
import { allVerbs, statusMetadata } from '../../machinery/resource.ts';
import type { ApiObject, CustomKind, Resource, Rule } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { JsonSchema } from '../../machinery/structural/json-schema.ts';
import { objectNode } from '../../machinery/structural/schema-node.ts';
import type { Conversion } from './conversion.ts';
import { customColumns } from './custom-columns.ts';
import { customScale } from './custom-scale.ts';
import { asVersion, decodeCustom, refreshStored } from './decode-custom.ts';
import type { CustomVersion } from './decode-custom.ts';
import { customWarnings, validateCustom } from './validate-custom.ts';

/** What the kinds of a definition are made of beside it. */
export interface CustomResourceOptions {
  /** Between versions other than by name; absent for the strategy None. */
  readonly conversion?: Conversion | undefined;
  /** Whether the definition is being deleted. */
  readonly terminating: () => boolean;
}

/** The kinds that a definition asks to be served: one per served version. */
export function customResources(
  definition: CustomResourceDefinition,
  options: CustomResourceOptions,
): readonly Resource[] {
  return definition.spec.versions
    .filter(({ served }) => served)
    .map((version) => customResource(definition, version, options));
}

function customResource(
  definition: CustomResourceDefinition,
  version: DefinitionVersion,
  options: CustomResourceOptions,
): Resource {
  const { group, scope } = definition.spec;
  const {
    plural,
    kind,
    singular = kind.toLowerCase(),
    listKind = `${kind}List`,
    shortNames,
    categories,
  } = definition.status.acceptedNames;
  const schema = schemaOf(version);
  const subresources = version.subresources ?? {};
  const { status, scale } = subresources;
  return {
    group,
    version: version.name,
    apiVersion: `${group}/${version.name}`,
    kind,
    plural,
    singular,
    listKind,
    scope: scope === 'Namespaced' ? 'Namespaced' : 'Cluster',
    namespaced: scope === 'Namespaced',
    qualified: `${plural}.${group}`,
    verbs: allVerbs,
    subresources: [...(status ? ['status'] : []), ...(scale ? ['scale'] : [])],
    schema: objectNode(schema, kind),
    countsGeneration: true,
    replacedByVersion: true,
    keptFromStatus: statusMetadata,
    columns: customColumns(version),
    selectableFields: selectableFields(version),
    openApiSchema: schema as unknown as JsonObject,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(scale ? { scale: customScale(scale) } : {}),
    ...(version.deprecated ? { deprecation: deprecationOf(definition, version) } : {}),
    custom: customKind(definition, version, options),
    prepareForCreate(object) {
      if (status) delete (object as { status?: unknown }).status;
    },
    validate: (object, context) => validateCustom({ schema, subresources }, object, context),
    warnings: customWarnings,
  };
}

/** The schema of a version; one without allows nothing but metadata. */
function schemaOf({ schema }: DefinitionVersion): JsonSchema {
  return schema?.openAPIV3Schema ?? { type: 'object' };
}

function deprecationOf({ spec }: CustomResourceDefinition, { name, deprecationWarning }: DefinitionVersion): string {
  return deprecationWarning ?? `${spec.group}/${name} ${spec.names.kind} is deprecated`;
}

function selectableFields({
  selectableFields: fields = [],
}: DefinitionVersion): Record<string, Rule<[ApiObject], string>> {
  return Object.fromEntries(
    fields.map(({ jsonPath }) => {
      const find = compilePath(jsonPath);
      return [jsonPath.replace(/^\./, ''), (object: ApiObject) => textOf(find(object)[0])];
    }),
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/** How objects of a version are read and stored. */
function customKind(
  definition: CustomResourceDefinition,
  version: DefinitionVersion,
  { conversion, terminating }: CustomResourceOptions,
): CustomKind {
  const { group, versions } = definition.spec;
  const { kind } = definition.status.acceptedNames;
  const byApiVersion = new Map<string, CustomVersion>(
    versions.map((one) => [
      `${group}/${one.name}`,
      { apiVersion: `${group}/${one.name}`, version: one.name, kind, schema: schemaOf(one) },
    ]),
  );
  const own = versionNamed(byApiVersion, `${group}/${version.name}`);
  const storage = versions.find((one) => one.storage) ?? version;
  const stored = versionNamed(byApiVersion, `${group}/${storage.name}`);
  const refresh = (object: ApiObject): ApiObject =>
    refreshStored(byApiVersion.get(object.apiVersion)?.schema ?? own.schema, object);
  const convert = async (objects: readonly ApiObject[], to: CustomVersion): Promise<readonly ApiObject[]> => {
    const converted = (await conversion?.convert(objects, to.apiVersion)) ?? objects;
    return converted.map((object) => asVersion(to, object));
  };
  return {
    decode: (value) => decodeCustom(own, isJsonObject(value) ? value : {}),
    get terminating() {
      return terminating();
    },
    storageVersion: stored.apiVersion,
    toStored(object) {
      if (stored === own) return object;
      if (!conversion) return asVersion(stored, object);
      return convert([object], stored).then(([first = object]) => first);
    },
    fromStored(object) {
      if (object.apiVersion === own.apiVersion) return refresh(object);
      return conversion ? undefined : asVersion(own, refresh(object));
    },
    ...(conversion ? { convert: (objects) => convert(objects.map(refresh), own) } : {}),
  };
}

function versionNamed(versions: ReadonlyMap<string, CustomVersion>, apiVersion: string): CustomVersion {
  const version = versions.get(apiVersion);
  if (!version) throw new TypeError(`the definition has no version ${apiVersion}`);
  return version;
}
