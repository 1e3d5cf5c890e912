/** What Kubernetes' libraries answer. Source of the answers: their documentation and tests in apiserver. */
import { describe, expect, test } from 'vitest';
import { celTypes } from '../cel-type.ts';
import { createCelEnvironment, evaluateAsync } from '../environment.ts';
import { toJson } from '../to-json.ts';
import type { AuthorizationQuery } from './authorizer.ts';
import { authorizerType, CelAuthorizer } from './authorizer.ts';
import { bindings } from './bindings.ts';
import { jsonPatch } from './json-patch.ts';
import { kubernetesLibraries } from './kubernetes.ts';

const environment = createCelEnvironment({
  variables: { dynamic: celTypes.dyn },
  libraries: [...kubernetesLibraries, jsonPatch, bindings],
});
const evaluate = (expression: string): unknown =>
  environment.compile(expression).program.evaluate({ dynamic: 1 }).value;

const truths: Readonly<Record<string, readonly string[]>> = {
  strings: [
    "'tacocat'.charAt(3) == 'o' && 'tacocat'.charAt(7) == ''",
    "'hello wello'.lastIndexOf('ello', 6) == 1 && 'hello'.indexOf('', 9) == 5",
    "'hello hello'.replace('he', 'we', 1) == 'wello hello' && 'ab'.replace('', '-') == '-a-b-'",
    "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'a,b'.split(',', 0) == [] && '👑x'.split('') == ['👑', 'x']",
    "' \\u0085 x\\u2003'.trim() == 'x' && 'TÄst'.lowerAscii() == 'tÄst'",
    "['a', 'b'].join('-') == 'a-b' && [].join() == ''",
    'strings.quote(\'a\\n"b"\') == \'"a\\\\n\\\\"b\\\\""\'',
    "'%s %d %.2f %x %X %o %b'.format(['a', 1, 2.5, 'hi', 255, 8, 5]) == 'a 1 2.50 6869 FF 10 101'",
    "'%f'.format([1234567.5]) == '1,234,567.500000'",
    "'%s'.format([{'b': [1, 2.5], 'a': 'x'}]) == '{\"a\":\"x\", \"b\":[1, 2.500000]}'",
  ],
  lists: [
    '[1, 2, 3].isSorted() && ![2, 1].isSorted()',
    "[1, 3].sum() == 4 && [1.0, 3.0].sum() == 4.0 && [duration('1m'), duration('1s')].sum() == duration('61s')",
    "[1, 3].min() == 1 && ['a', 'c', 'b'].max() == 'c'",
    '[1, 2, 2].indexOf(2) == 1 && [1, 2, 2].lastIndexOf(2) == 2 && [1].indexOf(3) == -1',
    'dyn([1.0, 2.0]).sum() == 3.0',
    '[1, 2, 3, 4].slice(1, 3) == [2, 3] && [[1], [2, 3]].flatten() == [1, 2, 3]',
    "[3, 1, 2].sort() == [1, 2, 3] && ['b', 'a'].sortBy(x, x) == ['a', 'b'] && [1, 2].reverse() == [2, 1]",
    '[1, 2, 1].distinct() == [1, 2] && lists.range(3) == [0, 1, 2]',
    '[].first() == optional.none() && [1, 2].last() == optional.of(2)',
  ],
  sets: [
    'sets.contains([1, 2], [2]) && sets.intersects([1], [1, 5]) && sets.equivalent([1, 1, 2], [2, 1])',
    '!sets.contains([1], [2]) && sets.contains([], [])',
  ],
  regex: [
    "'abc 123 def 456'.find('[0-9]+') == '123' && 'x'.find('[0-9]+') == ''",
    "'123 abc 456'.findAll('[0-9]+') == ['123', '456'] && '1 2 3'.findAll('[0-9]', 2) == ['1', '2']",
    "'ab'.findAll('') == ['', '', '']",
  ],
  urls: [
    "url('https://user:pass@example.com:80/path%20with%20spaces/?k1=a&k2=b&k2=c#frag').getHost() == 'example.com:80'",
    "url('https://[::1]:80/path').getHostname() == '::1' && url('https://[::1]:80/').getPort() == '80'",
    "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
    "url('https://example.com/path?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
    "url('HTTPS://example.com').getScheme() == 'https' && url('https://example.com/').getQuery() == {}",
    "isURL('/absolute-path') && !isURL('https://a:b:c/') && !isURL('../relative-path') && !isURL('')",
    "url('http://example.com/') == url('http://example.com/')",
  ],
  quantities: [
    "isQuantity('1.3Gi') && !isQuantity('1.3GGi') && !isQuantity('200K')",
    "quantity('50k').asInteger() == 50000 && !quantity('1000m').isInteger() && quantity('1.5').asApproximateFloat() == 1.5",
    "quantity('200M') == quantity('0.2G') && quantity('50Mi').isGreaterThan(quantity('50M'))",
    "quantity('50k').add('20' == '20' ? 20 : 0) == quantity('50020') && quantity('50k').sub(quantity('1')) == quantity('49999')",
    "sign(quantity('-1')) == -1 && quantity('1').compareTo(quantity('2')) == -1",
  ],
  addresses: [
    "isIP('127.0.0.1') && !isIP('127.0.0.1.0') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0')",
    "ip('127.0.0.1').family() == 4 && ip('::1').isLoopback() && ip('0.0.0.0').isUnspecified()",
    "ip('224.0.0.1').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast() && ip('fe80::1').isLinkLocalUnicast()",
    "ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast() && !ip('224.0.0.1').isGlobalUnicast()",
    "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8::ABCD')",
    "string(ip('2001:0DB8::1')) == '2001:db8::1' && type(ip('1.2.3.4')) == net.IP",
    "cidr('192.168.0.0/24').containsIP('192.168.0.1') && !cidr('192.168.0.0/24').containsIP(ip('192.168.1.1'))",
    "cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('192.168.1.0/24').containsCIDR('192.168.0.0/16')",
    "cidr('192.168.1.5/24').ip() == ip('192.168.1.5') && cidr('192.168.1.5/24').masked() == cidr('192.168.1.0/24')",
    "cidr('::1/128').prefixLength() == 128 && string(cidr('192.168.0.0/24')) == '192.168.0.0/24'",
    "isCIDR('192.168.0.0/16') && !isCIDR('192.168.0.0') && !isCIDR('192.168.0.0/33') && !isCIDR('::ffff:1.2.3.4/24')",
  ],
  formats: [
    "!format.dns1123Label().validate('my-label').hasValue() && format.dns1123Label().validate('My').hasValue()",
    "!format.dns1123LabelPrefix().validate('my-prefix-').hasValue()",
    "format.named('uuid').value() == format.uuid() && format.named('unknown') == optional.none()",
    "format.date().validate('2020-01-32') == optional.of(['invalid date'])",
    "!format.datetime().validate('2020-01-01T00:00:00Z').hasValue() && format.byte().validate('aGVsbG8').hasValue()",
    "format.uri().validate('../x').hasValue() && !format.qualifiedName().validate('a.b/c').hasValue()",
  ],
  semver: [
    "isSemver('1.2.3-beta.1+build.1') && !isSemver('v1.0.0') && !isSemver('01.1.1') && !isSemver('1')",
    "isSemver('v1.0', true) && isSemver('01.01.01', true) && !isSemver('1.0.0 ', true)",
    "semver('1.2.3').compareTo(semver('2.0.0')) == -1 && semver('1.0.0').isGreaterThan(semver('1.0.0-rc.1'))",
    "semver('1.0.0-alpha.2').isLessThan(semver('1.0.0-alpha.10')) && semver('1.0.0-1').isLessThan(semver('1.0.0-a'))",
    "semver('v01.01', true) == semver('1.1.0') && semver('1.2.3').minor() == 2",
  ],
  comprehensions: [
    "[1, 2].all(i, v, v == i + 1) && {'a': 1}.exists(k, v, k == 'a' && v == 1)",
    "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 2) == {'b': 4}",
    "['x', 'y'].transformMapEntry(i, v, {v: i}) == {'x': 0, 'y': 1}",
    "{'a': 1}.transformList(k, v, k) == ['a']",
    "cel.bind(x, 'a', x + x) == 'aa'",
  ],
  'json patches': [
    "JSONPatch{op: 'add', path: '/x', value: 1}.op == 'add'",
    "JSONPatch{op: 'remove', path: '/x'} == JSONPatch{op: 'remove', path: '/x'} && !has(JSONPatch{op: 'a'}.value)",
    "jsonpatch.escapeKey('k8s.io/my~label') == 'k8s.io~1my~0label'",
  ],
  'times and numbers': [
    "timestamp('2023-12-25T00:00:00.5Z').getMilliseconds() == 500 && timestamp('2023-12-25T12:00:00Z').getDayOfWeek() == 1",
    "timestamp('2023-06-01T00:30:00Z').getHours('America/New_York') == 20 && timestamp('2023-06-01T00:30:00Z').getHours('-02:30') == 22",
    "timestamp('2000-01-01T00:00:00Z') - duration('1s') == timestamp('1999-12-31T23:59:59Z')",
    "duration('1.5h').getMinutes() == 90 && string(duration('1ms')) == '0.001s' && int(duration('1s')) == 1000000000",
    '9223372036854775807 - 1 == 9223372036854775806 && dyn(1) == 1.0 && 1 < 1.5 && 2u > 1',
    "string(1000000.0) == '1e+06' && string(0.5) == '0.5' && int('-7') / 2 == -3 && -7 % 2 == -1",
  ],
};

for (const [name, expressions] of Object.entries(truths)) {
  describe(name, () => {
    for (const expression of expressions) test(expression, () => expect(evaluate(expression)).toBe(true));
  });
}

const failures: Readonly<Record<string, string>> = {
  '[1][1]': 'index out of bounds: 1',
  "{'a': 1}.b": 'no such key: b',
  '1 / 0': 'division by zero',
  '1 % 0': 'modulus by zero',
  '9223372036854775807 + 1': 'integer overflow',
  '0u - 1u': 'unsigned integer overflow',
  'dynamic + "a"': 'no such overload',
  '[].min()': 'min called on empty list',
  'optional.none().value()': 'optional.none() dereference',
  "'abc'.substring(5)": 'index out of range: 5',
  "quantity('x' + 'y')": "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  "ip('fe80::1%eth0')": 'IP address "fe80::1%eth0" with zone value is not allowed',
  "ip('::ffff:1.2.3.4')": 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed',
  "ip('192.168.0.1.0')":
    'IP Address "192.168.0.1.0" parse error during conversion from string: ParseAddr("192.168.0.1.0"): IPv4 address too long',
  "ip('2001:db8:::68')": 'each colon-separated field must have at least one digit (at ":68")',
  "cidr('1.2.3.4')": 'netip.ParsePrefix("1.2.3.4"): no \'/\'',
  "url('https://a:b:c/')":
    'URL parse error during conversion from string: parse "https://a:b:c/": invalid port ":c" after host',
  "semver('v1.0')": 'No Major.Minor.Patch elements found',
  "timestamp('0001-01-01T00:00:00Z') - duration('1s')": 'timestamp overflow',
  "'a'.find('(' + '')": 'Illegal regex: error parsing regexp: missing closing )',
  '[1].transformMap(i, v, v).transformMapEntry(k, v, {0: 1, v: 2})[5]': 'no such key: 5',
};

describe('failures', () => {
  for (const [expression, message] of Object.entries(failures)) {
    test(expression, () => expect(() => evaluate(expression)).toThrow(message));
  }

  test('a constant that can not be computed is found when compiling', () => {
    expect(() => environment.compile("int('abc') == dynamic")).toThrow("type conversion error from 'string' to 'int'");
    expect(() => environment.compile("'a'.find('(')")).toThrow('error parsing regexp');
  });
});

describe('authorizers', () => {
  const asking = createCelEnvironment({ variables: { authorizer: authorizerType } });
  const expression =
    "authorizer.serviceAccount('default', 'robot').group('').resource('pods').subresource('exec').namespace('n').name('p').fieldSelector('a=b').check('create').allowed()";

  test('the query has everything that was said', () => {
    const queries: AuthorizationQuery[] = [];
    const authorizer = new CelAuthorizer((query) => {
      queries.push(query);
      return { allowed: false, reason: 'no' };
    });
    expect(asking.compile(expression).program.evaluate({ authorizer }).value).toBe(false);
    expect(queries).toEqual([
      {
        serviceAccount: { namespace: 'default', name: 'robot' },
        group: '',
        resource: 'pods',
        subresource: 'exec',
        namespace: 'n',
        name: 'p',
        fieldSelector: 'a=b',
        verb: 'create',
      },
    ]);
  });

  test('a decision may take its time', async () => {
    let asked = 0;
    const authorizer = new CelAuthorizer(async ({ path }) => {
      asked++;
      return { allowed: path === '/healthz', reason: 'because' };
    });
    const check = "authorizer.path('/healthz').check('get')";
    const { program } = asking.compile(`${check}.allowed() && ${check}.reason() == 'because' && !${check}.errored()`);
    const result = await evaluateAsync(program, { authorizer }, { costLimit: 2_000_000 });
    expect(result.value).toBe(true);
    expect(asked).toBe(1);
  });
});

test('values become JSON again', () => {
  const parts = [
    "'t': dyn(timestamp('2020-01-01T00:00:00Z'))",
    "'d': dyn(duration('90s'))",
    "'b': dyn(b'hi')",
    "'l': dyn([1, 2])",
    "'q': dyn(quantity('1024Ki'))",
    "'o': dyn(optional.of(1.5))",
  ];
  const { value } = environment.compile(`{${parts.join(', ')}}`).program.evaluate({});
  expect(toJson(value)).toEqual({ t: '2020-01-01T00:00:00Z', d: '90s', b: 'aGk=', l: [1, 2], q: '1Mi', o: 1.5 });
});
