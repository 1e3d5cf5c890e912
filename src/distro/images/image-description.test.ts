import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UsageError } from '../config/cluster-config.ts';
import { parseImageDescription, readImageDescription } from './image-description.ts';

test('a description becomes the image configuration', () => {
  const text = `
entrypoint: [/bin/server, --verbose]
cmd: exec "$HOME/run"
env: { PORT: 8080, DEBUG: true }
labels: [team=web, note=a=b]
user: 1000
workdir: /srv
ports: [80, 53/udp]
stopSignal: SIGQUIT
`;
  expect(parseImageDescription(text, 'image.yaml')).toEqual({
    entrypoint: ['/bin/server', '--verbose'],
    cmd: ['/bin/sh', '-c', 'exec "$HOME/run"'],
    env: { PORT: '8080', DEBUG: 'true' },
    labels: { team: 'web', note: 'a=b' },
    user: '1000',
    workingDir: '/srv',
    exposedPorts: ['80/tcp', '53/udp'],
    stopSignal: 'SIGQUIT',
  });
});

test('an empty description is an image without any configuration', () => {
  expect(parseImageDescription('', 'image.yaml')).toEqual({});
});

test.each([
  ['entrypont: [/a]', 'image.yaml: entrypont is not known; known are from, entrypoint, cmd, env'],
  ['env: [PORT]', 'image.yaml: env must have the form NAME=VALUE, not "PORT"'],
  ['workdir: srv', 'image.yaml: workdir must be an absolute path, such as /srv, not srv'],
  ['ports: [http]', 'image.yaml: ports must be ports such as 80 or 53/udp, not http'],
  ['- a', 'image.yaml: the description must be a map'],
  ['a: [', 'image.yaml is not YAML'],
])('%j is refused with a sentence that says what would be right', (text, message) => {
  expect(() => parseImageDescription(text, 'image.yaml')).toThrow(UsageError);
  expect(() => parseImageDescription(text, 'image.yaml')).toThrow(message);
});

test('flags go before the file, whose folder is where its paths start', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubets-description-'));
  try {
    const file = join(folder, 'image.yaml');
    writeFileSync(file, 'from: rootfs\ncmd: [a]\nuser: 1000\n');
    const options = { file, entrypoint: '/bin/serve --all', env: ['A=1'], user: undefined };
    expect(readImageDescription(options)).toEqual({
      from: join(folder, 'rootfs'),
      config: { entrypoint: ['/bin/serve', '--all'], cmd: ['a'], user: '1000', env: { A: '1' } },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('without a folder there is no image', () => {
  expect(() => readImageDescription({ cmd: 'x' })).toThrow(/name its folder with --from/);
  expect(() => readImageDescription({ file: '/no/such.yaml' })).toThrow(/--file \/no\/such\.yaml can't be read/);
});
