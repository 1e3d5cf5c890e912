/** OpenAPI documents out of operations and schemas. */
import type { Resource } from '../../machinery/resource.ts';
import { groupOperation, resourcesOperation, rootOperations } from './discovery-operations.ts';
import { operationsOf } from './operations.ts';
import type { BodyKind, Operation } from './operations.ts';
import type { Schema, SchemaBook } from './schema-book.ts';

const info = { title: 'Kubernetes', version: 'v1.36' };
const objectTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor'];
const streamTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const patchTypes = [
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
const customPatchTypes = patchTypes.filter((type) => !type.includes('strategic'));
const bearer = {
  type: 'apiKey',
  description: 'A bearer token.',
  name: 'authorization',
  in: 'header',
};

/** The OpenAPI 3 document of a group version. */
export function groupVersionDocument(resources: readonly Resource[], book: SchemaBook): object {
  const [first] = resources;
  const operations = resources.flatMap(operationsOf);
  if (first) operations.push(resourcesOperation(first.group, first.version));
  return documentV3(operations, { book, kinds: resources });
}

/** The OpenAPI 3 document of /api or /apis, or of a group. */
export function discoveryDocument(root: string, book: SchemaBook): object {
  const operation =
    root === 'api' || root === 'apis' ? rootOperations[root] : groupOperation(root.slice('apis/'.length));
  return documentV3([operation], { book, kinds: [] });
}

interface Contents {
  readonly book: SchemaBook;
  readonly kinds: readonly Resource[];
}

function documentV3(operations: readonly Operation[], { book, kinds }: Contents): object {
  const schemas = new ReferencedSchemas(book);
  const paths = pathsOf(operations, (operation) => operationV3(operation, schemas));
  for (const resource of kinds) schemas.of({ object: resource });
  if (kinds.length > 0) schemas.of({ meta: 'WatchEvent' });
  return {
    openapi: '3.0.0',
    info,
    paths,
    components: { schemas: schemas.all(), securitySchemes: { BearerToken: bearer } },
  };
}

/** The OpenAPI 2 document of everything that is served. */
export function openApiV2(all: readonly Resource[], book: SchemaBook): object {
  const schemas = new ReferencedSchemas(book);
  const versions = new Map(
    all.map((one) => [`${one.group}/${one.version}`, resourcesOperation(one.group, one.version)]),
  );
  const groups = new Set(all.map(({ group }) => group).filter((group) => group !== ''));
  const operations = [
    ...all.flatMap(operationsOf),
    ...Object.values(rootOperations),
    ...[...groups].map(groupOperation),
    ...versions.values(),
  ];
  const paths = pathsOf(operations, (operation) => operationV2(operation, schemas));
  for (const resource of all) schemas.of({ object: resource });
  schemas.of({ meta: 'WatchEvent' });
  return {
    swagger: '2.0',
    info,
    paths,
    definitions: schemas.all(),
    securityDefinitions: { BearerToken: bearer },
    security: [{ BearerToken: [] }],
  };
}

/** The schemas that a document mentions. */
class ReferencedSchemas {
  readonly #book: SchemaBook;
  readonly #references: Schema[] = [];

  constructor(book: SchemaBook) {
    this.#book = book;
  }

  of(body: Exclude<BodyKind, undefined>): Schema {
    const reference = this.#reference(body);
    this.#references.push(reference);
    return reference;
  }

  all(): Readonly<Record<string, Schema>> {
    return this.#book.closure(this.#references);
  }

  #reference(body: Exclude<BodyKind, undefined>): Schema {
    if (body === 'patch') return this.#book.patch();
    if (body === 'text') return { type: 'string' };
    if ('meta' in body) return this.#book.meta(body.meta);
    return 'list' in body ? this.#book.list(body.list) : this.#book.kind(body.object);
  }
}

function pathsOf(operations: readonly Operation[], render: (operation: Operation) => object): object {
  const paths = new Map<string, Record<string, object>>();
  for (const operation of operations) {
    const item = paths.get(operation.path) ?? {};
    item[operation.method] = render(operation);
    paths.set(operation.path, item);
  }
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function common({ tag, id, description, action, kind }: Operation): object {
  return {
    tags: [tag],
    description,
    operationId: id,
    ...(action === undefined ? {} : { 'x-kubernetes-action': action }),
    ...(kind ? { 'x-kubernetes-group-version-kind': kind } : {}),
  };
}

function answerTypes({ answer }: Operation): readonly string[] {
  if (answer === 'text') return ['*/*'];
  const isList = typeof answer === 'object' && 'list' in answer;
  return isList ? [...objectTypes, ...streamTypes] : objectTypes;
}

function bodyTypes({ body, answer }: Operation): readonly string[] {
  if (body !== 'patch') return ['*/*'];
  const isCustom = typeof answer === 'object' && 'object' in answer && answer.object.openApiSchema !== undefined;
  return isCustom ? customPatchTypes : patchTypes;
}

const reasons: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function responses(operation: Operation, content: object): object {
  const successes = operation.codes.map((code) => [code, { description: reasons[code], ...content }] as const);
  return { ...Object.fromEntries(successes), 401: { description: 'Unauthorized' } };
}

function contentV3(types: readonly string[], schema: Schema): object {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function operationV3(operation: Operation, schemas: ReferencedSchemas): object {
  const { body, answer } = operation;
  const answerContent = answer ? { content: contentV3(answerTypes(operation), schemas.of(answer)) } : {};
  return {
    ...common(operation),
    parameters: [
      ...operation.pathParameters.map((one) => ({ ...one, in: 'path', required: true, schema: uniqueText })),
      ...operation.queryParameters.map(({ name, description, type }) => ({
        name,
        in: 'query',
        description,
        schema: { type, uniqueItems: true },
      })),
    ],
    ...(body
      ? { requestBody: { content: contentV3(bodyTypes(operation), schemas.of(body)), ...requiredBody(operation) } }
      : {}),
    responses: responses(operation, answerContent),
  };
}

/** Deletions may say how, others must say what. */
function requiredBody({ method }: Operation): object {
  return method === 'delete' ? {} : { required: true };
}

const uniqueText = { type: 'string', uniqueItems: true };

function operationV2(operation: Operation, schemas: ReferencedSchemas): object {
  const { body, answer } = operation;
  return {
    ...common(operation),
    consumes: bodyTypes(operation),
    produces: answerTypes(operation),
    schemes: ['https'],
    parameters: [
      ...operation.pathParameters.map((one) => ({ ...one, in: 'path', required: true, ...uniqueText })),
      ...operation.queryParameters.map(({ name, type, description }) => ({
        name,
        in: 'query',
        description,
        type,
        uniqueItems: true,
      })),
      ...(body ? [{ name: 'body', in: 'body', ...requiredBody(operation), schema: schemas.of(body) }] : []),
    ],
    responses: responses(operation, answer ? { schema: schemas.of(answer) } : {}),
  };
}
