/** OpenAPI documents out of operations and schemas. */
import type { Resource } from '../../machinery/resource.ts';
import { operationsOf, subresourceResources } from './operations.ts';
import type { BodyKind, Operation } from './operations.ts';
import { Schemas } from './schemas.ts';
import type { OpenApiVersion, Schema } from './schemas.ts';

const info = { title: 'Kubernetes', version: 'v1.36' };
const answerTypes = ['application/json', 'application/yaml'];
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The OpenAPI 3 document of some kinds, `all` being everything that is served. */
export function openApiV3(resources: readonly Resource[], all: readonly Resource[]): object {
  const schemas = schemasFor(3, all);
  const paths = pathsOf(resources, (operation) => operationV3(operation, schemas));
  for (const resource of resources) schemas.struct(resource.schema);
  const bearer = { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' };
  return {
    openapi: '3.0.0',
    info,
    paths,
    components: { schemas: schemas.all, securitySchemes: { BearerToken: bearer } },
  };
}

/** The OpenAPI 2 document of everything that is served. */
export function openApiV2(all: readonly Resource[]): object {
  const schemas = schemasFor(2, all);
  const paths = pathsOf(all, (operation) => operationV2(operation, schemas));
  for (const resource of all) schemas.struct(resource.schema);
  const bearer = { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' };
  return {
    swagger: '2.0',
    info,
    paths,
    definitions: schemas.all,
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  };
}

function schemasFor(version: OpenApiVersion, all: readonly Resource[]): Schemas {
  return new Schemas(version, [...all, ...subresourceResources.filter((resource) => !all.includes(resource))]);
}

function pathsOf(resources: readonly Resource[], render: (operation: Operation) => object): object {
  const paths = new Map<string, Record<string, object>>();
  for (const operation of resources.flatMap(operationsOf)) {
    const item = paths.get(operation.path) ?? {};
    item[operation.method] = render(operation);
    paths.set(operation.path, item);
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function schemaOf(body: Exclude<BodyKind, undefined>, schemas: Schemas): Schema {
  if (body === 'status') return schemas.status();
  if (body === 'patch') return schemas.patch();
  if (body === 'deleteOptions') return schemas.deleteOptions();
  if (body === 'text') return { type: 'string' };
  return 'list' in body ? schemas.list(body.list) : schemas.struct(body.object.schema);
}

function common(operation: Operation): object {
  return {
    tags: [operation.tag],
    operationId: operation.id,
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': operation.kind,
  };
}

function contentV3(types: readonly string[], schema: Schema): object {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function operationV3(operation: Operation, schemas: Schemas): object {
  const { body, answer } = operation;
  const answerContent = answer ? { content: contentV3(answerTypes, schemaOf(answer, schemas)) } : {};
  const bodyTypes = body === 'patch' ? patchTypes : ['*/*'];
  return {
    ...common(operation),
    parameters: [
      ...operation.pathParameters.map((name) => ({ name, in: 'path', required: true, schema: uniqueText })),
      ...operation.queryParameters.map(({ name, type }) => ({
        name,
        in: 'query',
        schema: { type, uniqueItems: true },
      })),
    ],
    ...(body ? { requestBody: { content: contentV3(bodyTypes, schemaOf(body, schemas)) } } : {}),
    responses: { 200: { description: 'OK', ...answerContent }, 401: { description: 'Unauthorized' } },
  };
}

const uniqueText = { type: 'string', uniqueItems: true };

function operationV2(operation: Operation, schemas: Schemas): object {
  const { body, answer } = operation;
  return {
    ...common(operation),
    consumes: body === 'patch' ? patchTypes : ['*/*'],
    produces: answerTypes,
    schemes: ['https'],
    parameters: [
      ...operation.pathParameters.map((name) => ({ name, in: 'path', required: true, ...uniqueText })),
      ...operation.queryParameters.map(({ name, type }) => ({ name, in: 'query', type, uniqueItems: true })),
      ...(body ? [{ name: 'body', in: 'body', schema: schemaOf(body, schemas) }] : []),
    ],
    responses: {
      200: { description: 'OK', ...(answer ? { schema: schemaOf(answer, schemas) } : {}) },
      401: { description: 'Unauthorized' },
    },
  };
}
