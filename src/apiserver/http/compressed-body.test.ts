import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressed } from './compressed-body.ts';

const large = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `item ${i % 97}`).join(','));

test.each([
  ['a text', 'Grüße'],
  ['nothing', ''],
  ['bytes', large],
  ['pieces', [Buffer.from('['), large, Buffer.from(']')]],
])('%s can be unpacked again', async (_name, body) => {
  const packed = Buffer.concat(await compressed(body));
  const whole = Array.isArray(body) ? Buffer.concat(body) : Buffer.from(body);
  expect(gunzipSync(packed)).toEqual(whole);
});

test('a large piece is compressed once, whatever stands around it', async () => {
  const first = await compressed([Buffer.from('{"revision":1}'), large]);
  const second = await compressed([Buffer.from('{"revision":22}'), large]);
  expect(second[2]).toBe(first[2]);
  expect(gunzipSync(Buffer.concat(second)).toString()).toBe(`{"revision":22}${large.toString()}`);
});
