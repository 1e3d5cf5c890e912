import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readManifests } from './manifest-files.ts';

const read = async (document: object): Promise<unknown> => {
  const stdin = Readable.from([JSON.stringify(document)]) as never;
  return (await readManifests(['-'], { recursive: false, io: { stdin, cwd: '/' } })).map(({ object }) => object);
};
const metadata = { name: 'a' };

test('items of a list of a kind need not say what they are', async () => {
  expect(await read({ apiVersion: 'apps/v1', kind: 'DeploymentList', items: [{ metadata }] })).toEqual([
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata },
  ]);
});

test('items of other lists say it themselves', async () => {
  const item = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  expect(await read({ apiVersion: 'v1', kind: 'List', items: [item, { metadata }] })).toEqual([item, { metadata }]);
  await expect(read({ apiVersion: 'v1', kind: 'List', items: ['a'] })).rejects.toThrow('cannot unmarshal string');
});
