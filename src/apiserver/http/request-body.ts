/** Bodies of requests: JSON, YAML, CBOR, or protobuf, in which typed Go clients send objects. */
import { YAMLException, load } from 'js-yaml';
import { StatusError, messageOf } from '../../base/errors.ts';
import { parseExactJson } from '../../base/exact-json.ts';
import type { Json } from '../../base/json.ts';
import { goYamlSchema } from '../../machinery/go-yaml-schema.ts';
import { decodeCbor } from '../../machinery/cbor/decode-cbor.ts';
import { duplicateFields } from '../../machinery/duplicate-fields.ts';
import { decodeProtobuf, openEnvelope } from '../../machinery/protobuf/decode-protobuf.ts';
import { speaksProtobuf } from '../../machinery/protobuf/speaks-protobuf.ts';
import type { Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { badRequest } from '../resources/api-errors.ts';
import type { ApplyBody } from '../resources/apply-object.ts';
import type { PatchBody } from '../resources/patch-object.ts';
import type { RequestBody } from '../resources/handler-context.ts';
import { acceptedTypes, mediaTypes } from './content-negotiation.ts';
import type { Exchange } from './exchange.ts';
import { headerFault, headerReason, jsonFault, reasonOf, unrecognized } from './unreadable-body.ts';
import { refuseExpansion } from './yaml-aliases.ts';

/** The largest body. Source: apiserver's MaxRequestBodyBytes. */
export const maxBodyBytes = 3 * 1024 * 1024;
/** The deepest nesting; what comes after walks bodies recursively. */
const maxDepth = 1000;

/**
 * Reads and parses a body that is an object, of the kind `resource` if that is given. Throws StatusError:
 * UnsupportedMediaType, BadRequest, RequestEntityTooLarge.
 */
export async function objectBody(
  exchange: Pick<Exchange, 'headers' | 'body'>,
  wantDuplicates: boolean,
  resource?: Resource,
): Promise<RequestBody> {
  const type = mediaType(exchange);
  if (!readable.has(type)) throw unsupported(acceptedTypes);
  const bytes = await exchange.body(maxBodyBytes);
  if (type === mediaTypes.protobuf) {
    if (resource && !speaksProtobuf(resource)) throw noProtobuf(resource);
    const { apiVersion, kind, raw } = recognized(resource, bytes, () => openEnvelope(bytes));
    return {
      value(schema) {
        try {
          return { apiVersion, kind, ...decodeProtobuf(schema, raw) };
        } catch (error) {
          const version = JSON.stringify(apiVersion.split('/').at(-1));
          throw badRequest(`${kind} in version ${version} cannot be handled as a ${schema.name}: ${reasonOf(error)}`);
        }
      },
      duplicates: [],
    };
  }
  if (type === mediaTypes.cbor) {
    // Duplicates are no warning there but an error.
    const value = recognized(resource, bytes, () => decodeCbor(bytes));
    return { value: () => value, duplicates: [] };
  }
  const text = bytes.toString();
  const { value, duplicates } = recognized(resource, bytes, () => {
    if (type === mediaTypes.yaml) return parseYaml(text);
    const parsed = parseJson(text, headerReason);
    return { value: parsed, duplicates: wantDuplicates ? duplicateFields(text, parsed) : [] };
  });
  const fault = headerFault(value);
  if (fault !== undefined) throw unrecognized(resource, fault, bytes);
  if (resource?.custom) requireKind(resource, value, bytes);
  return { value: () => value, duplicates };
}

/** Reads a body; what fails is told with the kind that it should be of. */
function recognized<T>(resource: Resource | undefined, bytes: Buffer, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unrecognized(resource, reasonOf(error), bytes);
  }
}

/** Like `objectBody`, for requests that may come without one. */
export async function optionalBody(exchange: Exchange): Promise<RequestBody | undefined> {
  // What is known to be empty need not be read, and its type does not matter.
  if (exchange.headers['content-length'] === '0') return undefined;
  const bytes = await exchange.body(maxBodyBytes);
  return bytes.length === 0 ? undefined : objectBody({ headers: exchange.headers, body: async () => bytes }, false);
}

const readable: ReadonlySet<string> = new Set(['', ...Object.values(mediaTypes)]);

/** Only kinds that are built in go without saying. Source: apimachinery's missingKindErr and transformDecodeError. */
function requireKind(resource: Resource, value: unknown, bytes: Buffer): void {
  if (!isJsonObject(value)) return;
  const { kind: sent = '', apiVersion = '' } = value;
  if (sent === '') throw unrecognized(resource, `Object 'Kind' is missing in '${bytes.toString()}'`, bytes);
  if (apiVersion === '') {
    throw badRequest(`the API version in the data () does not match the expected API version (${resource.apiVersion})`);
  }
}

/** Source: apimachinery's errNotMarshalable around custom resources. */
function noProtobuf({ kind, version }: Resource): StatusError {
  return badRequest(
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: object *unstructured.Unstructured does not implement the protobuf marshalling interface and cannot be encoded to a protobuf message`,
  );
}

const patchTypes: Readonly<Record<string, PatchBody['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
};

/** Reads and parses a patch of an object of a kind. */
export async function patchBody(
  exchange: Exchange,
  wantDuplicates: boolean,
  { custom }: Pick<Resource, 'custom'> = {},
): Promise<PatchBody> {
  const type = patchTypes[mediaType(exchange)];
  // Schemas of custom resources know nothing of strategies.
  if (!type || (custom && type === 'strategic')) {
    const types = Object.keys(patchTypes).filter((name) => !custom || patchTypes[name] !== 'strategic');
    throw unsupported([...types, ...applyTypes].join(', '));
  }
  const bytes = await exchange.body(maxBodyBytes);
  const text = bytes.toString();
  const body = parseJson(text, (fault) => `error decoding patch: ${fault}`);
  const duplicates = wantDuplicates ? duplicateFields(text, body) : [];
  return {
    type,
    body: body as Json,
    duplicates: type === 'json' ? duplicates.map((d) => `json patch ${d}`) : duplicates,
  };
}

const applyCbor = 'application/apply-patch+cbor';
const applyTypes: ReadonlySet<string> = new Set(['application/apply-patch+yaml', applyCbor]);

/** Whether a patch is an apply. */
export function isApply(exchange: Pick<Exchange, 'headers'>): boolean {
  return applyTypes.has(mediaType(exchange));
}

/** Reads and parses the configuration of an apply, which is YAML, and mostly that part of it that is JSON. */
export async function applyBody(exchange: Exchange, wantDuplicates: boolean): Promise<Omit<ApplyBody, 'force'>> {
  const bytes = await exchange.body(maxBodyBytes);
  if (mediaType(exchange) === applyCbor)
    return { configuration: decodedPatch(() => decodeCbor(bytes)) as Json, duplicates: [] };
  const text = bytes.toString();
  const json = jsonOf(text);
  // In what is not JSON, or says something twice, the line is part of the message.
  if (json !== undefined && !(wantDuplicates && duplicateFields(text, json).length > 0))
    return { configuration: json as Json, duplicates: [] };
  const { value, duplicates } = decodedPatch(() => parseYaml(text), 'error converting YAML to JSON: ');
  return { configuration: (value ?? null) as Json, duplicates };
}

function decodedPatch<T>(read: () => T, prefix = ''): T {
  try {
    return read();
  } catch (error) {
    throw badRequest(`error decoding patch: ${prefix}${reasonOf(error)}`);
  }
}

function jsonOf(text: string): unknown {
  try {
    checkDepth(text);
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}

function mediaType({ headers }: Pick<Exchange, 'headers'>): string {
  return (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

function unsupported(types: string): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${types}`;
  return new StatusError('UnsupportedMediaType', message);
}

function parseJson(text: string, told: (fault: string) => string): unknown {
  try {
    checkDepth(text);
    return parseExactJson(text);
  } catch (error) {
    throw badRequest(told(jsonFault(text, error)));
  }
}

function checkDepth(text: string): void {
  // Shorter texts can't nest deeper, and nearly all have far fewer brackets than that.
  if (text.length < 2 * maxDepth) return;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i = endOfString(text, i);
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) throw new Error('exceeded max depth');
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

function endOfString(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return text.length;
}

interface ParsedYaml {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

function parseYaml(text: string): ParsedYaml {
  try {
    const parsed = loadYaml(text);
    if (text.includes('&') && text.includes('*'))
      refuseExpansion(parsed.value, { size: maxBodyBytes, depth: maxDepth });
    return parsed;
  } catch (error) {
    throw badRequest(yamlFault(error));
  }
}

function loadYaml(text: string): ParsedYaml {
  const options = { schema: goYamlSchema, maxDepth, maxAliases: 100 };
  try {
    return { value: load(text, options), duplicates: [] };
  } catch (error) {
    const duplicate = duplicateKey(text, error);
    if (duplicate === undefined) throw error;
    // As in JSON the last one counts; whether that is a fault is the client's to say.
    return { value: load(text, { ...options, json: true }), duplicates: [duplicate] };
  }
}

/** Where and why a text is no YAML. Source: go-yaml's errors. */
function yamlFault(error: unknown): string {
  if (!(error instanceof YAMLException)) return `yaml: ${messageOf(error)}`;
  return error.mark ? `yaml: line ${error.mark.line + 1}: ${error.reason}` : `yaml: ${error.reason}`;
}

/** The message about a key that comes twice, if that is the error. Source: go-yaml's UnmarshalStrict. */
function duplicateKey(text: string, error: unknown): string | undefined {
  if (!(error instanceof YAMLException) || error.reason !== 'duplicated mapping key') return undefined;
  const line = error.mark?.line ?? 0;
  const rest = (text.split('\n')[line] ?? '').slice(error.mark?.column ?? 0);
  const key = /^\s*(?:["']?)([^:"']+)/.exec(rest)?.[1] ?? '';
  return `yaml: unmarshal errors:\n  line ${line + 1}: key ${JSON.stringify(key)} already set in map`;
}
