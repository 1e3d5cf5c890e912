import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { spdyDictionary } from './dictionary.ts';
import { SpdyProtocolError } from './frames.ts';
import { HeaderCompressor, HeaderDecompressor } from './header-codec.ts';

test('the dictionary is the one that every peer has', () => {
  // zlib names a dictionary by its Adler-32, bytes 2 to 5 of the stream; SPDY/3's is known.
  expect(deflateSync('', { dictionary: spdyDictionary }).subarray(2, 6).toString('hex')).toBe('e3c6a7c2');
});

test('headers come back, however many blocks share the context', async () => {
  using compressor = new HeaderCompressor();
  using decompressor = new HeaderDecompressor();
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const headers = { streamtype: 'data', port: '8080', list: ['a', '', 'c'], text: 'grüße' };
    const block = await compressor.compress(headers);
    sizes.push(block.length);
    expect({ ...(await decompressor.decompress(block)) }).toEqual(headers);
  }
  expect(sizes[4]).toBeLessThan(sizes[0]! / 2);
});

test('names are sent in lower case, as the protocol demands', async () => {
  using compressor = new HeaderCompressor();
  using decompressor = new HeaderDecompressor();
  expect({ ...(await decompressor.decompress(await compressor.compress({ StreamType: 'x' }))) }).toEqual({
    streamtype: 'x',
  });
});

test('a block that is no zlib stream is a protocol error', async () => {
  using decompressor = new HeaderDecompressor();
  await expect(decompressor.decompress(Buffer.from('nonsense'))).rejects.toBeInstanceOf(SpdyProtocolError);
});

test('a small block that inflates beyond measure is refused', async () => {
  using compressor = new HeaderCompressor();
  using decompressor = new HeaderDecompressor();
  const block = await compressor.compress({ bomb: 'a'.repeat(10_000_000) });
  expect(block.length).toBeLessThan(20_000);
  await expect(decompressor.decompress(block)).rejects.toBeInstanceOf(SpdyProtocolError);
});

test('an upper-case or repeated name is a protocol error', async () => {
  using decompressor = new HeaderDecompressor();
  const bytes = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 0x41, 0, 0, 0, 0]);
  await expect(decompressor.decompress(deflateSync(bytes, { dictionary: spdyDictionary }))).rejects.toThrow(
    'invalid header name',
  );
});
