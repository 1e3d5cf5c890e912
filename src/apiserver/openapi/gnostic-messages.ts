/**
 * The protobuf messages of OpenAPI documents, as far as our documents use them, by the JSON members that go into them.
 * Source: gnostic-models' OpenAPIv2.proto and OpenAPIv3.proto.
 */

/** How a member is written. `any` is text in YAML, of which JSON is a part; `message` the name of one in the same table. */
export type FieldForm =
  | 'text'
  | 'texts'
  | 'bool'
  | 'double'
  | 'int64'
  | 'any'
  | 'anys'
  | 'scalar'
  | { readonly message: string }
  | { readonly messages: string };

/** A message with members of its own. */
export interface StructMessage {
  readonly fields: Readonly<Record<string, readonly [id: number, form: FieldForm]>>;
  /** Where `x-` members go. */
  readonly extensions?: number;
}

/** A message that is a map: its entries are messages of name and value. */
export interface MapMessage {
  readonly entries: readonly [id: number, value: FieldForm];
  /** Members with a field of their own. */
  readonly extensions?: number;
}

/** A message that wraps one of several things. */
export interface ChoiceMessage {
  choose(value: unknown): readonly [id: number, form: FieldForm];
}

/** A message that wraps a list. */
export interface ListMessage {
  readonly repeated: readonly [id: number, form: FieldForm];
}

/** Any message. */
export type Message = StructMessage | MapMessage | ChoiceMessage | ListMessage;

/** The messages of one version; the document's is `Document`. */
export type Messages = Readonly<Record<string, Message>>;

const has = (value: unknown, member: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, member);
const member = (value: unknown, name: string): unknown =>
  has(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
const map = (id: number, value: string): MapMessage => ({ entries: [id, { message: value }] });
const choice = (ids: Readonly<Record<string, number>>, pick: (value: unknown) => string): ChoiceMessage => ({
  choose(value) {
    const message = pick(value);
    return [ids[message] ?? 0, { message }];
  },
});
const orBoolean = (message: string): ChoiceMessage => ({
  choose: (value) => (typeof value === 'boolean' ? [2, 'bool'] : [1, { message }]),
});

const info: StructMessage = { fields: { title: [1, 'text'], version: [2, 'text'], description: [3, 'text'] } };
const securityRequirement: MapMessage = map(1, 'StringArray');
const texts: ListMessage = { repeated: [1, 'text'] };

/** Limits of values, which both versions have under the same names; the numbers are those of the first field. */
const limits = (first: number): StructMessage['fields'] => ({
  multipleOf: [first, 'double'],
  maximum: [first + 1, 'double'],
  exclusiveMaximum: [first + 2, 'bool'],
  minimum: [first + 3, 'double'],
  exclusiveMinimum: [first + 4, 'bool'],
  maxLength: [first + 5, 'int64'],
  minLength: [first + 6, 'int64'],
  pattern: [first + 7, 'text'],
  maxItems: [first + 8, 'int64'],
  minItems: [first + 9, 'int64'],
  uniqueItems: [first + 10, 'bool'],
});

/** Parameters that are no bodies differ in their numbers only. */
const plainParameter = (type: number, uniqueItems: number, extensions: number): StructMessage => ({
  fields: {
    required: [1, 'bool'],
    in: [2, 'text'],
    description: [3, 'text'],
    name: [4, 'text'],
    type: [type, 'text'],
    format: [type + 1, 'text'],
    uniqueItems: [uniqueItems, 'bool'],
  },
  extensions,
});

/** OpenAPI 2. */
export const version2Messages: Messages = {
  Document: {
    fields: {
      swagger: [1, 'text'],
      info: [2, { message: 'Info' }],
      paths: [8, { message: 'Paths' }],
      definitions: [9, { message: 'Definitions' }],
      security: [12, { messages: 'SecurityRequirement' }],
      securityDefinitions: [13, { message: 'SecurityDefinitions' }],
    },
    extensions: 16,
  },
  Info: info,
  Paths: map(2, 'PathItem'),
  PathItem: {
    fields: {
      get: [2, { message: 'Operation' }],
      put: [3, { message: 'Operation' }],
      post: [4, { message: 'Operation' }],
      delete: [5, { message: 'Operation' }],
      options: [6, { message: 'Operation' }],
      head: [7, { message: 'Operation' }],
      patch: [8, { message: 'Operation' }],
      parameters: [9, { messages: 'ParametersItem' }],
    },
    extensions: 10,
  },
  Operation: {
    fields: {
      tags: [1, 'texts'],
      summary: [2, 'text'],
      description: [3, 'text'],
      operationId: [5, 'text'],
      produces: [6, 'texts'],
      consumes: [7, 'texts'],
      parameters: [8, { messages: 'ParametersItem' }],
      responses: [9, { message: 'Responses' }],
      schemes: [10, 'texts'],
      deprecated: [11, 'bool'],
      security: [12, { messages: 'SecurityRequirement' }],
    },
    extensions: 13,
  },
  ParametersItem: choice({ Parameter: 1, JsonReference: 2 }, (value) =>
    has(value, '$ref') ? 'JsonReference' : 'Parameter',
  ),
  Parameter: choice({ BodyParameter: 1, NonBodyParameter: 2 }, (value) =>
    member(value, 'in') === 'body' ? 'BodyParameter' : 'NonBodyParameter',
  ),
  NonBodyParameter: choice({ QueryParameter: 3, PathParameter: 4, HeaderParameter: 1 }, (value) => {
    const place = member(value, 'in');
    return place === 'path' ? 'PathParameter' : place === 'header' ? 'HeaderParameter' : 'QueryParameter';
  }),
  BodyParameter: {
    fields: {
      description: [1, 'text'],
      name: [2, 'text'],
      in: [3, 'text'],
      required: [4, 'bool'],
      schema: [5, { message: 'Schema' }],
    },
    extensions: 6,
  },
  QueryParameter: plainParameter(6, 20, 23),
  PathParameter: plainParameter(5, 19, 22),
  HeaderParameter: plainParameter(5, 19, 22),
  JsonReference: { fields: { $ref: [1, 'text'], description: [2, 'text'] } },
  Responses: map(1, 'ResponseValue'),
  ResponseValue: choice({ Response: 1, JsonReference: 2 }, (value) =>
    has(value, '$ref') ? 'JsonReference' : 'Response',
  ),
  Response: { fields: { description: [1, 'text'], schema: [2, { message: 'SchemaItem' }] }, extensions: 5 },
  SchemaItem: choice({ Schema: 1 }, () => 'Schema'),
  Definitions: map(1, 'Schema'),
  Schema: {
    fields: {
      ...limits(6),
      $ref: [1, 'text'],
      format: [2, 'text'],
      title: [3, 'text'],
      description: [4, 'text'],
      default: [5, 'any'],
      maxProperties: [17, 'int64'],
      minProperties: [18, 'int64'],
      required: [19, 'texts'],
      enum: [20, 'anys'],
      additionalProperties: [21, { message: 'AdditionalPropertiesItem' }],
      type: [22, { message: 'TypeItem' }],
      items: [23, { message: 'ItemsItem' }],
      allOf: [24, { messages: 'Schema' }],
      properties: [25, { message: 'Properties' }],
      readOnly: [27, 'bool'],
      example: [30, 'any'],
    },
    extensions: 31,
  },
  AdditionalPropertiesItem: orBoolean('Schema'),
  TypeItem: texts,
  ItemsItem: { repeated: [1, { message: 'Schema' }] },
  Properties: map(1, 'Schema'),
  SecurityRequirement: securityRequirement,
  StringArray: texts,
  SecurityDefinitions: map(1, 'SecurityDefinitionsItem'),
  SecurityDefinitionsItem: choice({ ApiKeySecurity: 2 }, () => 'ApiKeySecurity'),
  ApiKeySecurity: {
    fields: { type: [1, 'text'], name: [2, 'text'], in: [3, 'text'], description: [4, 'text'] },
    extensions: 5,
  },
};

const orReference = (message: string): ChoiceMessage =>
  choice({ [message]: 1, Reference: 2 }, (value) => (has(value, '$ref') ? 'Reference' : message));

/** OpenAPI 3. */
export const version3Messages: Messages = {
  Document: {
    fields: {
      openapi: [1, 'text'],
      info: [2, { message: 'Info' }],
      paths: [4, { message: 'Paths' }],
      components: [5, { message: 'Components' }],
      security: [6, { messages: 'SecurityRequirement' }],
    },
    extensions: 9,
  },
  Info: { fields: { title: [1, 'text'], description: [2, 'text'], version: [6, 'text'] }, extensions: 7 },
  Paths: map(1, 'PathItem'),
  PathItem: {
    fields: {
      get: [4, { message: 'Operation' }],
      put: [5, { message: 'Operation' }],
      post: [6, { message: 'Operation' }],
      delete: [7, { message: 'Operation' }],
      options: [8, { message: 'Operation' }],
      head: [9, { message: 'Operation' }],
      patch: [10, { message: 'Operation' }],
      parameters: [13, { messages: 'ParameterOrReference' }],
    },
    extensions: 14,
  },
  Operation: {
    fields: {
      tags: [1, 'texts'],
      summary: [2, 'text'],
      description: [3, 'text'],
      operationId: [5, 'text'],
      parameters: [6, { messages: 'ParameterOrReference' }],
      requestBody: [7, { message: 'RequestBodyOrReference' }],
      responses: [8, { message: 'Responses' }],
      deprecated: [10, 'bool'],
      security: [11, { messages: 'SecurityRequirement' }],
    },
    extensions: 13,
  },
  ParameterOrReference: orReference('Parameter'),
  Parameter: {
    fields: {
      name: [1, 'text'],
      in: [2, 'text'],
      description: [3, 'text'],
      required: [4, 'bool'],
      schema: [10, { message: 'SchemaOrReference' }],
    },
    extensions: 14,
  },
  Reference: { fields: { $ref: [1, 'text'], description: [3, 'text'] } },
  RequestBodyOrReference: orReference('RequestBody'),
  RequestBody: {
    fields: { description: [1, 'text'], content: [2, { message: 'MediaTypes' }], required: [3, 'bool'] },
    extensions: 4,
  },
  MediaTypes: map(1, 'MediaType'),
  MediaType: { fields: { schema: [1, { message: 'SchemaOrReference' }] }, extensions: 5 },
  Responses: map(2, 'ResponseOrReference'),
  ResponseOrReference: orReference('Response'),
  Response: { fields: { description: [1, 'text'], content: [3, { message: 'MediaTypes' }] }, extensions: 5 },
  Components: {
    fields: { schemas: [1, { message: 'Schemas' }], securitySchemes: [7, { message: 'SecuritySchemes' }] },
    extensions: 10,
  },
  Schemas: map(1, 'SchemaOrReference'),
  SchemaOrReference: orReference('Schema'),
  Schema: {
    fields: {
      ...limits(10),
      nullable: [1, 'bool'],
      readOnly: [3, 'bool'],
      example: [7, 'any'],
      deprecated: [8, 'bool'],
      title: [9, 'text'],
      maxProperties: [21, 'int64'],
      minProperties: [22, 'int64'],
      required: [23, 'texts'],
      enum: [24, 'anys'],
      type: [25, 'text'],
      allOf: [26, { messages: 'SchemaOrReference' }],
      oneOf: [27, { messages: 'SchemaOrReference' }],
      anyOf: [28, { messages: 'SchemaOrReference' }],
      not: [29, { message: 'Schema' }],
      items: [30, { message: 'ItemsItem' }],
      properties: [31, { message: 'Properties' }],
      additionalProperties: [32, { message: 'AdditionalPropertiesItem' }],
      default: [33, { message: 'DefaultType' }],
      description: [34, 'text'],
      format: [35, 'text'],
    },
    extensions: 36,
  },
  // Objects can't be defaults in this form.
  DefaultType: {
    choose: (value) =>
      typeof value === 'number' ? [1, 'double'] : typeof value === 'boolean' ? [2, 'bool'] : [3, 'scalar'],
  },
  ItemsItem: { repeated: [1, { message: 'SchemaOrReference' }] },
  Properties: map(1, 'SchemaOrReference'),
  AdditionalPropertiesItem: orBoolean('SchemaOrReference'),
  SecurityRequirement: securityRequirement,
  StringArray: texts,
  SecuritySchemes: map(1, 'SecuritySchemeOrReference'),
  SecuritySchemeOrReference: orReference('SecurityScheme'),
  SecurityScheme: {
    fields: { type: [1, 'text'], description: [2, 'text'], name: [3, 'text'], in: [4, 'text'] },
    extensions: 9,
  },
};
