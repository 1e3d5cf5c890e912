import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError } from '../command/command-error.ts';
import { defineVerb } from '../command/verb.ts';
import { explainHead, explainText } from '../explain/explain-text.ts';
import { kindSchema } from '../explain/open-api.ts';
import type { OpenApiDocument } from '../explain/open-api.ts';
import { groupVersion } from '../resource/discovery.ts';
import type { ApiResource } from '../resource/discovery.ts';
import type { ResourceMapper } from '../resource/resource-mapper.ts';
import { messageOf } from '../../base/errors.ts';

const flags = {
  'api-version': textFlag('Use given api-version (group/version) of the resource.'),
  output: textFlag('Format in which to render the schema. Valid values are: (plaintext, plaintext-openapiv2).', {
    initial: 'plaintext',
    short: 'o',
  }),
  recursive: boolFlag(
    'When true, print the name of all the fields recursively. Otherwise, print the available fields with their description.',
  ),
} as const;

/** This one error comes without `error:` before it. */
function resourceOf(mapper: ResourceMapper, type: string): ApiResource {
  try {
    return mapper.resource(type);
  } catch (error) {
    throw new CommandError(messageOf(error), { plain: true, cause: error });
  }
}

/** `kubectl explain` */
export const explain = defineVerb({
  usage:
    'explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] [-o|--output=plaintext|plaintext-openapiv2]',
  long: `Describe fields and structure of various resources.

 This command describes the fields associated with each supported API resource. Fields are identified via a simple JSONPath identifier:

        <type>.<fieldName>[.<fieldName>]`,
  examples: `# Get the documentation of the resource and its fields
kubectl explain pods

# Get all the fields in the resource
kubectl explain pods --recursive

# Get the explanation for deployment in supported api versions
kubectl explain deployments --api-version=apps/v1

# Get the documentation of a specific field of a resource
kubectl explain pods.spec.containers`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    const [name, ...more] = args;
    if (name === undefined) {
      throw new CommandError(
        `You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.`,
      );
    }
    if (more.length > 0)
      throw new CommandError(`We accept only this format: explain RESOURCE\nSee '${command} -h' for help and examples`);
    const [type = '', ...path] = name.split('.');
    const mapper = await session.mapper();
    const found = resourceOf(mapper, type);
    const resource = given['api-version'] ? (mapper.kind(given['api-version'], found.kind) ?? found) : found;
    const document = (await session.connection.json({
      path:
        resource.group === '' ? `/openapi/v3/api/${resource.version}` : `/openapi/v3/apis/${groupVersion(resource)}`,
    })) as unknown as OpenApiDocument;
    const schema = kindSchema(document, resource);
    if (!schema)
      throw new CommandError(`couldn't find resource for "${groupVersion(resource)}, Kind=${resource.kind}"`);
    io.stdout.write(explainHead({ resource }));
    io.stdout.write(explainText(document, { resource, schema, path, recursive: given.recursive }));
  },
});
