/** Connections to pods, services and nodes: who may make them, what admission says, and where they go on to. */
import { StatusError } from '../../base/errors.ts';
import { connectOptions } from '../../api/core/connect-options.ts';
import type { ConnectOptions } from '../../api/core/connect-options.ts';
import type { FieldNode } from '../../machinery/schema.ts';
import type { ApiServer } from '../create-api-server.ts';
import type { AdmissionRequest } from '../ports.ts';
import { attributesOf } from '../request-attributes.ts';
import { badRequest } from '../resources/api-errors.ts';
import { podTarget } from './kubelet-target.ts';
import type { PodConnection } from './kubelet-target.ts';
import { proxyTarget } from './proxy-target.ts';
import type { ProxyTarget } from './proxy-target.ts';
import type { ResourceExchange } from './resource-exchange.ts';

/** Whether a path is one of a connection: exec, attach, portforward or proxy. */
export function isConnection({ path }: ResourceExchange): boolean {
  return path.group === '' && `${path.plural}/${path.subresource}` in connectOptions;
}

/**
 * Authorizes a connection, shows it to admission, and finds where it goes on to. Throws StatusError. Source: apiserver's
 * handlers/rest ConnectResource.
 */
export async function connectionTarget(server: ApiServer, request: ResourceExchange): Promise<ProxyTarget> {
  const { exchange, path, target, user } = request;
  const verb = connectVerbs[exchange.method] ?? exchange.method.toLowerCase();
  const attributes = attributesOf(user, path.resource, { ...path, verb, annotate: exchange.audit?.annotate });
  await server.api.authorize(attributes);
  if (target.query.has('dryRun')) throw badRequest('dryRun is not supported');
  const kind = connectOptions[`${path.plural}/${path.subresource}`];
  if (!kind) throw badRequest('this resource can not be connected to');
  const asked = optionsOf(kind, request);
  const admission: AdmissionRequest = {
    attributes,
    operation: 'CONNECT',
    resource: path.resource,
    objectKind: kind,
    object: structuredClone(asked),
    old: undefined,
    dryRun: false,
    annotate: attributes.annotate,
  };
  await server.context.admission.admit(admission);
  await server.context.admission.validate(admission);
  const options = admission.object ?? asked;
  if (path.subresource === 'proxy') {
    // As it was sent, which says more than the decoded form does, unless admission wants another one.
    const rest = options['path'] === asked['path'] ? path.rest : String(options['path'] ?? '');
    return proxyTarget(server.context, { ...path, rest }, target.query);
  }
  const connection = path.subresource as PodConnection;
  const container = String(options['container'] ?? '');
  const query = kubeletQuery(options);
  const url = await podTarget(server.context, { ...path, connection, container, query });
  if (!url) throw new StatusError('BadRequest', `pod ${path.name} does not have a host assigned`);
  return { url, kubelet: true };
}

const connectVerbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

type Options = Readonly<Record<string, unknown>>;

/** The options in a query. Source: apimachinery's conversions of url.Values. */
function optionsOf(kind: ConnectOptions, { path, target }: ResourceExchange): Options {
  const options: Record<string, unknown> = { kind: kind.kind, apiVersion: kind.version };
  for (const [name, field] of Object.entries(kind.schema.fields)) {
    const values = target.query.getAll(name);
    const value = name === 'path' && path.rest !== '' ? decodeURIComponent(path.rest) : parameter(field, values);
    if (value !== undefined && value !== '' && value !== false) options[name] = value;
  }
  return options;
}

function parameter({ type }: FieldNode, values: readonly string[]): unknown {
  if (type.kind === 'list') return type.items.kind === 'string' ? values : ports(values);
  const [value] = values;
  if (type.kind !== 'bool' || value === undefined) return value;
  return value !== '0' && value.toLowerCase() !== 'false';
}

function ports(values: readonly string[]): readonly number[] | undefined {
  const numbers = values.flatMap((value) => value.split(',')).map(portNumber);
  return numbers.length === 0 ? undefined : numbers;
}

function portNumber(text: string): number {
  const said = `cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(text)}:`;
  if (!/^\d+$/.test(text)) throw badRequest(`${said} invalid syntax`);
  if (Number(text) > 65_535) throw badRequest(`${said} value out of range`);
  return Number(text);
}

/** What kubelets call the options. Source: kubernetes' registry/core/pod/strategy. */
function kubeletQuery(options: Options): URLSearchParams {
  const query = new URLSearchParams();
  for (const command of (options['command'] as readonly string[] | undefined) ?? []) query.append('command', command);
  for (const [name, parameter] of streamParameters) if (options[name] === true) query.append(parameter, '1');
  const ports = (options['ports'] as readonly number[] | undefined) ?? [];
  if (ports.length > 0) query.append('port', ports.join(','));
  return query;
}

const streamParameters = [
  ['stdin', 'input'],
  ['stdout', 'output'],
  ['stderr', 'error'],
  ['tty', 'tty'],
] as const;
