import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigMap } from '../../api/core/config-map.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';
import { rawClient } from '../testing/raw-client.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const unrecognized = 'the object provided is unrecognized (must be of type ConfigMap): ';
const header = "couldn't get version/kind; json parse error: ";
const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';

let server: HttpsTestServer;

beforeAll(async () => {
  server = await httpsTestServer();
  await server.client.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
});

afterAll(() => server[Symbol.asyncDispose]());

test.each([
  [json, '', `${unrecognized}${header}unexpected end of JSON input (<empty>)`],
  [json, '{', `${unrecognized}${header}unexpected end of JSON input ({)`],
  [
    json,
    '{"kind":"ConfigMap","apiVersion":"v1","data":oops}',
    `${unrecognized}${header}invalid character 'o' looking for beginning of value ({"kind":"ConfigMap","apiVersio ...)`,
  ],
  [
    json,
    '[]',
    `${unrecognized}${header}json: cannot unmarshal array into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b5d)`,
  ],
  [
    json,
    '{"kind":5}',
    `${unrecognized}${header}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})`,
  ],
  [
    yaml,
    'a: b: c\n',
    new RegExp(String.raw`^${unrecognized.replaceAll(/[()]/g, String.raw`\$&`)}yaml: line 1: .* \(613a20623a20630a\)$`),
  ],
  [
    protobuf,
    'nothing',
    `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (6e6f7468696e67)`,
  ],
])('a body of %s that is %j is refused in the words of upstream', async (type, body, message) => {
  using client = rawClient(server);
  const answer = await client.request(configMaps, { method: 'POST', headers: { 'content-type': type }, body });
  expect(answer.json()).toMatchObject({
    code: 400,
    reason: 'BadRequest',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test.each([
  ['merge-patch+json', '{', 'error decoding patch: unexpected end of JSON input'],
  [
    'strategic-merge-patch+json',
    '{"a":tru}',
    "error decoding patch: invalid character '}' in literal true (expecting 'e')",
  ],
  ['json-patch+json', '[{]', "error decoding patch: invalid character ']' looking for beginning of object key string"],
  ['apply-patch+yaml', 'a: [', /^error decoding patch: error converting YAML to JSON: yaml: /],
])('a patch of %s that is %s can not be decoded', async (type, body, message) => {
  using client = rawClient(server);
  const headers = { 'content-type': `application/${type}` };
  const answer = await client.request(`${configMaps}/a?fieldManager=m`, { method: 'PATCH', headers, body });
  expect(answer.json()).toMatchObject({
    code: 400,
    reason: 'BadRequest',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});
