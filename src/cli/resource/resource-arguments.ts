import { CommandError } from '../command/command-error.ts';
import type { ApiResource } from './discovery.ts';
import type { ResourceMapper } from './resource-mapper.ts';

/** What arguments name: one resource with names, or all of it. */
export interface NamedResources {
  readonly resource: ApiResource;
  /** undefined: no names were given. */
  readonly names: readonly string[] | undefined;
}

const slashMixed =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/** Reads `TYPE`, `TYPE NAME…`, `TYPE,TYPE`, `TYPE/NAME…`. Source: cli-runtime's resource builder. */
export function parseResourceArguments(args: readonly string[], mapper: ResourceMapper): readonly NamedResources[] {
  if (args.length === 0) return [];
  if (args.some((arg) => arg.includes('/'))) return args.map((arg) => typeSlashName(arg, mapper));
  const [types = '', ...names] = args;
  const resources = types
    .split(',')
    .filter((type) => type !== '')
    .flatMap((type) => expand(type, mapper));
  return resources.map((resource) => ({ resource, names: names.length === 0 ? undefined : names }));
}

function expand(type: string, mapper: ResourceMapper): readonly ApiResource[] {
  return mapper.category(type) ?? [mapper.resource(type)];
}

function typeSlashName(arg: string, mapper: ResourceMapper): NamedResources {
  if (!arg.includes('/')) throw new CommandError(slashMixed);
  const [type = '', name = '', ...more] = arg.split('/');
  if (more.length > 0 || type === '' || name === '') {
    throw new CommandError('arguments in resource/name form must have a single resource and name');
  }
  return { resource: mapper.resource(type), names: [name] };
}
