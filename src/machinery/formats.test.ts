import { expect, test } from 'vitest';
import {
  canonicalCIDRErrors,
  canonicalIPErrors,
  configMapKeyErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  nameErrors,
  pathSegmentErrors,
  portNameErrors,
  qualifiedNameErrors,
} from './formats.ts';
import { formatIP, ipFamily, networkContains, networkSize, parseIP, parseNetwork } from './ip-address.ts';

test('names are refused in the words of upstream', () => {
  expect(dns1123SubdomainErrors('Web_1')).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  expect(dns1123LabelErrors('My')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(dns1123LabelErrors('a.b')).toEqual(['must not contain dots']);
  expect(dns1123LabelErrors('a'.repeat(64))).toEqual(['must be no more than 63 bytes']);
});

test('a generateName may end in a hyphen', () => {
  expect(nameErrors('subdomain', 'web-', { prefix: true })).toEqual([]);
  expect(nameErrors('subdomain', 'web-')).not.toEqual([]);
  expect(nameErrors('service', '1web')).not.toEqual([]);
});

test('qualified names have an optional prefix', () => {
  expect(qualifiedNameErrors('kubernetes.io/hostname')).toEqual([]);
  expect(qualifiedNameErrors('/x')).toEqual(['prefix part must be non-empty']);
  expect(qualifiedNameErrors('a/b/c')[0]).toContain('a qualified name must consist of');
  expect(qualifiedNameErrors('-x')[0]).toContain('name part must consist of');
});

test('label values, keys, ports and path segments are checked', () => {
  expect(labelValueErrors('')).toEqual([]);
  expect(labelValueErrors('a b')[0]).toContain('a valid label must be an empty string');
  expect(configMapKeyErrors('..')).toEqual(["must not be '..'"]);
  expect(configMapKeyErrors('..a')).toEqual(["must not start with '..'"]);
  expect(portNameErrors('web--1')).toEqual(['must not contain consecutive hyphens']);
  expect(portNameErrors('80')).toEqual(['must contain at least one letter (a-z)']);
  expect(pathSegmentErrors('a/b%')).toEqual(["may not contain '/'", "may not contain '%'"]);
  expect(pathSegmentErrors('system:node')).toEqual([]);
});

test('addresses are parsed strictly', () => {
  expect(ipFamily('10.0.0.1')).toBe(4);
  expect(ipFamily('10.0.0.01')).toBe(0);
  expect(ipFamily('fd00::1')).toBe(6);
  expect(ipFamily('::ffff:10.0.0.1')).toBe(6);
  expect(ipFamily('1:2:3:4:5:6:7:8:9')).toBe(0);
  expect(ipFamily('1::2::3')).toBe(0);
  expect(ipFamily('fd00:::1')).toBe(0);
});

test('networks know their size and members', () => {
  const network = parseNetwork('10.96.0.7/12');
  const address = parseIP('10.111.255.255');
  if (!network || !address) throw new Error('not parsed');
  expect(formatIP(network.address)).toBe('10.96.0.0');
  expect(networkSize(network)).toBe(1048576n);
  expect(networkContains(network, address)).toBe(true);
  expect(parseNetwork('10.0.0.0/33')).toBeUndefined();
  const six = parseIP('fd00:0:0:1:0:0:0:1');
  expect(six && formatIP(six)).toBe('fd00:0:0:1::1');
});

test.each([
  ['10.010.0.1', canonicalIPErrors, 'must not have leading 0s'],
  ['10.0.0.256', canonicalIPErrors, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
  ['10.1.00.0/16', canonicalCIDRErrors, 'must not have leading 0s in IP or prefix length'],
  ['10.1.0.0/016', canonicalCIDRErrors, 'must not have leading 0s in IP or prefix length'],
  ['10.1.0.0/33', canonicalCIDRErrors, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
])('%s is no address or network, or not in its one notation', (value, check, error) => {
  expect(check(value)).toEqual([error]);
});
