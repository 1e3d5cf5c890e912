import { expect, test } from 'vitest';
import { sourceAddresses } from './source-addresses.ts';

const remote = '192.0.2.9';

test.each<readonly [headers: Record<string, string>, addresses: readonly string[]]>([
  [{}, [remote]],
  [{ 'x-forwarded-for': '192.0.2.1, 192.0.2.2,nonsense ,' }, ['192.0.2.1', '192.0.2.2', remote]],
  [{ 'x-forwarded-for': `192.0.2.1,${remote}` }, ['192.0.2.1', remote]],
  [{ 'x-real-ip': '192.0.2.3' }, ['192.0.2.3', remote]],
  [{ 'x-forwarded-for': '192.0.2.1', 'x-real-ip': '192.0.2.1' }, ['192.0.2.1', remote]],
  [{ 'x-forwarded-for': '2001:DB8:0::1', 'x-real-ip': '192.0.02.003' }, ['2001:db8::1', '192.0.2.3', remote]],
])('the sources of a request with %j are %j', (headers, addresses) => {
  expect(sourceAddresses(headers, remote)).toEqual(addresses);
});

test('an address of IPv4 is one also where it comes as one of IPv6', () => {
  expect(sourceAddresses({}, '::ffff:192.0.2.9')).toEqual([remote]);
  expect(sourceAddresses({}, undefined)).toEqual([]);
});
