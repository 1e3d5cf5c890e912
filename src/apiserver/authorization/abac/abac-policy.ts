/** The lines of a policy file. Source: kubernetes' pkg/apis/abac, v0 and v1beta1. */
import { messageOf } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { decodeStruct } from '../../../machinery/decode.ts';
import { bool, defineStruct, isJsonObject, struct, text } from '../../../machinery/schema.ts';
import { authenticatedGroup } from '../../authentication/users.ts';

const PolicySpec = defineStruct('PolicySpec', {
  user: text(1).omitEmpty(),
  group: text(2).omitEmpty(),
  readonly: bool(3).omitEmpty(),
  apiGroup: text(4).omitEmpty(),
  resource: text(5).omitEmpty(),
  namespace: text(6).omitEmpty(),
  nonResourcePath: text(7).omitEmpty(),
});
const Policy = defineStruct('Policy', { apiVersion: text(1), kind: text(2), spec: struct(3, PolicySpec) });

/** What one line allows: whom, and what. '*' is anything. */
export interface AbacPolicy {
  readonly user: string;
  readonly group: string;
  readonly readonly: boolean;
  readonly apiGroup: string;
  readonly resource: string;
  readonly namespace: string;
  readonly nonResourcePath: string;
}

const group = 'abac.authorization.kubernetes.io';
const blank: AbacPolicy = {
  user: '',
  group: '',
  readonly: false,
  apiGroup: '',
  resource: '',
  namespace: '',
  nonResourcePath: '',
};

/** Reads the text of a policy file: one JSON object a line, empty lines and comments aside. Throws an Error that names the line. */
export function parseAbacPolicies(path: string, content: string): readonly AbacPolicy[] {
  return content.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    try {
      return [parseLine(trimmed)];
    } catch (error) {
      throw new Error(`error reading policy file ${path}, line ${index + 1}: ${trimmed}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  });
}

function parseLine(line: string): AbacPolicy {
  const parsed: unknown = JSON.parse(line);
  if (!isJsonObject(parsed)) throw new Error('it must be an object');
  const { apiVersion, kind } = parsed;
  if (apiVersion === undefined && kind === undefined) return fromUnversioned(parsed);
  if (apiVersion !== `${group}/v1beta1` || kind !== 'Policy')
    throw new Error(
      `no kind ${JSON.stringify(kind ?? '')} is registered for version ${JSON.stringify(apiVersion ?? '')}`,
    );
  const { object } = decodeStruct(Policy.node, parsed, { version: 'v1beta1', kind: 'Policy' });
  const spec = { ...blank, ...(object as unknown as { readonly spec: Partial<AbacPolicy> }).spec };
  // Anybody means anybody who is known.
  return spec.user === '*' || spec.group === '*' ? { ...spec, user: '', group: authenticatedGroup } : spec;
}

/** The form of old, which says `user`, `group`, `readonly`, `resource` and `namespace`, and where nothing means anything. */
function fromUnversioned(line: JsonObject): AbacPolicy {
  const { object } = decodeStruct(PolicySpec.node, line, { version: 'v0', kind: 'Policy' });
  const said = { ...blank, ...(object as Partial<AbacPolicy>) };
  const isAnybody = (said.user === '' && said.group === '') || said.user === '*' || said.group === '*';
  return {
    user: isAnybody && said.user !== '' ? '' : said.user,
    group: isAnybody ? authenticatedGroup : said.group,
    readonly: said.readonly,
    apiGroup: '*',
    resource: said.resource || '*',
    namespace: said.namespace || '*',
    nonResourcePath: said.namespace === '' && said.resource === '' ? '*' : '',
  };
}
