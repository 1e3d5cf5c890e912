import { expect, test } from 'vitest';
import { problems } from '../testing/kind-problems.ts';
import { Pod } from './pod.ts';

const at = 'spec.volumes[0].projected.sources[0].clusterTrustBundlePEM';
const signerName = 'example.com/roots';
const path = 'roots.pem';

function volumeProblems(...bundles: readonly object[]): string[] {
  const sources = bundles.map((clusterTrustBundle) => ({ clusterTrustBundle }));
  const spec = { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', projected: { sources } }] };
  return problems(Pod, { spec });
}

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test.each<[string, object, string[]]>([
  ['one by its name', { name: 'roots', path }, []],
  ['one of a signer by its name', { name: 'example.com:roots:v1', path, optional: true }, []],
  ['none of a signer', { signerName, path }, []],
  ['all of a signer', { signerName, labelSelector: {}, path }, []],
  ['some of a signer', { signerName, labelSelector: { matchLabels: { live: 'true' } }, path }, []],
  ['nothing named', { path }, [`${at}: Required value: either name or signerName must be specified`]],
  [
    'both named',
    { name: 'roots', signerName, path },
    [
      `${at}: Invalid value: {"name":"roots","signerName":"example.com/roots","path":"roots.pem"}: only one of name and signerName may be used`,
    ],
  ],
  [
    'an empty name',
    { name: '', path },
    [
      `${at}.name: Required value: must be a valid object name`,
      `${at}.name: Invalid value: "": not a valid clustertrustbundlename: ${subdomain}`,
    ],
  ],
  [
    'a name that none can have',
    { name: 'Roots', path },
    [`${at}.name: Invalid value: "Roots": not a valid clustertrustbundlename: ${subdomain}`],
  ],
  [
    'a name with a selector',
    { name: 'roots', labelSelector: { matchLabels: { a: 'b' } }, path },
    [`${at}.labelSelector: Invalid value: {"matchLabels":{"a":"b"}}: labelSelector must be unset if name is specified`],
  ],
  [
    'an empty signer',
    { signerName: '', path },
    [`${at}.signerName: Required value: must be a valid signer name`, `${at}.signerName: Required value`],
  ],
  [
    'a signer that there can not be',
    { signerName: 'roots', path },
    [
      `${at}.signerName: Invalid value: "roots": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ],
  ],
  [
    'a selector that makes no sense',
    { signerName, labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] }, path },
    [
      `${at}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
    ],
  ],
  ['no file', { name: 'roots', path: '' }, [`${at}.path: Required value`]],
  ['a file elsewhere', { name: 'roots', path: '/x' }, [`${at}.path: Invalid value: "/x": must be a relative path`]],
  ['a file above', { name: 'roots', path: '../x' }, [`${at}.path: Invalid value: "../x": must not contain '..'`]],
  [
    'a file of the kubelet’s own',
    { name: 'roots', path: '..data' },
    [`${at}.path: Invalid value: "..data": must not start with '..'`],
  ],
])('trust bundles in a volume: %s', (_, projection, expected) => {
  expect(volumeProblems(projection)).toEqual(expected);
});

test('two bundles are not one file', () => {
  expect(volumeProblems({ name: 'a', path }, { name: 'b', path })).toEqual([
    'spec.volumes[0].projected.sources[1]: Invalid value: "roots.pem": conflicting duplicate paths',
  ]);
});
