import { expect, test } from 'vitest';
import { normaliseImageName, parseImageName } from './image-name.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

test.each([
  ['demo', 'docker.io/library/demo:latest'],
  ['team/demo:1', 'docker.io/team/demo:1'],
  ['docker.io/demo', 'docker.io/library/demo:latest'],
  ['index.docker.io/library/demo', 'docker.io/library/demo:latest'],
  ['localhost/demo', 'localhost/demo:latest'],
  ['127.0.0.1:5000/demo:1.0', '127.0.0.1:5000/demo:1.0'],
  ['registry.example/pause:3.10', 'registry.example/pause:3.10'],
  ['[::1]:5000/a/b', '[::1]:5000/a/b:latest'],
  [`demo@${digest}`, `docker.io/library/demo@${digest}`],
  [`demo:1@${digest}`, `docker.io/library/demo:1@${digest}`],
])('%s means %s', (name, full) => {
  expect(normaliseImageName(name)).toBe(full);
});

test('a name has its parts', () => {
  expect(parseImageName('registry.local:5000/team/app:2')).toEqual({
    registry: 'registry.local:5000',
    repository: 'team/app',
    tag: '2',
    digest: undefined,
  });
});

test.each(['', 'Demo', 'demo:', 'demo:a b', 'a//b', '-a', 'demo@sha256:12', 'http://demo', 'registry.local/'])(
  '%j is not an image name, and the error says what one looks like',
  (name) => {
    expect(() => parseImageName(name)).toThrow(/is not an image name: expected something like/);
  },
);
