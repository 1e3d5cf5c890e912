import { describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { FakeContainerRuntime } from '../runtime-fake/fake-container-runtime.ts';
import { defaultPullPolicy, parseImageName, withDefaultTag } from './image-name.ts';
import { ImagePuller } from './image-puller.ts';
import { PauseImage, pauseImageMessage } from './pause-image.ts';
import { credentialsFor } from './pull-credentials.ts';

const signal = new AbortController().signal;
const digest = `sha256:${'a'.repeat(64)}`;

describe('names', () => {
  test('are taken apart as Docker does', () => {
    expect(parseImageName('nginx')).toEqual({
      registry: 'docker.io',
      repository: 'library/nginx',
      tag: undefined,
      digest: undefined,
    });
    expect(parseImageName('127.0.0.1:9/pause:3.0')).toMatchObject({
      registry: '127.0.0.1:9',
      repository: 'pause',
      tag: '3.0',
    });
    expect(parseImageName(`localhost/a/b@${digest}`)).toMatchObject({
      registry: 'localhost',
      repository: 'a/b',
      digest,
    });
    for (const bad of ['', 'UPPER', 'a b', 'a:', 'a/', 'a@sha256:xyz'])
      expect(parseImageName(bad), bad).toBeUndefined();
  });

  test('get the tag latest, which is always pulled', () => {
    expect([withDefaultTag('a'), withDefaultTag('a:1'), withDefaultTag(`a@${digest}`)]).toEqual([
      'a:latest',
      'a:1',
      `a@${digest}`,
    ]);
    expect(['a', 'a:latest', 'a:1', `a@${digest}`].map(defaultPullPolicy)).toEqual([
      'Always',
      'Always',
      'IfNotPresent',
      'IfNotPresent',
    ]);
  });
});

test('credentials are found by host and path, the most exact first', () => {
  const config = {
    auths: {
      'https://index.docker.io/v1/': { auth: Buffer.from('hub:secret').toString('base64') },
      'reg.test': { username: 'all', password: 'p' },
      'reg.test/team': { username: 'team', password: 'p:q' },
      '*.wild.test': { username: 'wild', password: 'w' },
    },
  };
  const secret = { data: { '.dockerconfigjson': Buffer.from(JSON.stringify(config)).toString('base64') } } as never;
  const users = (image: string): unknown => credentialsFor(image, [secret]).map(({ username }) => username);
  expect(users('reg.test/team/app:1')).toEqual(['team', 'all']);
  expect(users('reg.test/other/app:1')).toEqual(['all']);
  expect(users('nginx')).toEqual(['hub']);
  expect(users('a.wild.test/x')).toEqual(['wild']);
  expect(users('elsewhere.test/x')).toEqual([]);
});

describe('a pull', () => {
  function setUp(container: object) {
    const clock = new FakeClock();
    const runtime = new FakeContainerRuntime({ clock });
    const events: string[] = [];
    const puller = new ImagePuller({
      runtime,
      clock,
      events: { record: (_, { reason, message }) => void events.push(`${reason}: ${message}`) },
    });
    const pod = decodeObject(Pod, {
      metadata: { name: 'p', namespace: 'n', uid: 'u' },
      spec: { containers: [{ name: 'c', ...container }] },
    }).object;
    const ensure = () =>
      puller.ensure({ pod, container: pod.spec.containers[0]!, pullSecrets: [], sandboxConfig: {} as never, signal });
    return { clock, runtime, events, ensure };
  }

  test('happens when the image is missing, and is told with its time and size', async () => {
    const { runtime, events, ensure } = setUp({ image: 'reg.test/app:1' });
    runtime.images.offer({ name: 'reg.test/app:1', size: 12 });
    expect((await ensure()).repoTags).toEqual(['reg.test/app:1']);
    expect(events).toEqual([
      'Pulling: Pulling image "reg.test/app:1"',
      'Pulled: Successfully pulled image "reg.test/app:1" in 0s (0s including waiting). Image size: 12 bytes.',
    ]);
    await ensure();
    expect(events.at(-1)).toBe('Pulled: Container image "reg.test/app:1" already present on machine');
  });

  test('is not tried by policy Never', async () => {
    await expect(setUp({ image: 'reg.test/app:1', imagePullPolicy: 'Never' }).ensure()).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message: 'Container image "reg.test/app:1" is not present with pull policy of Never',
    });
  });

  test('of a name that is none is refused', async () => {
    await expect(setUp({ image: 'NOT VALID' }).ensure()).rejects.toMatchObject({ reason: 'InvalidImageName' });
  });

  test('that fails is tried again after ten seconds, twenty, and so on; meanwhile the pod says why', async () => {
    const { clock, runtime, events, ensure } = setUp({ image: 'reg.test/app:1' });
    await expect(ensure()).rejects.toMatchObject({ reason: 'ErrImagePull', retryIn: 10_000 });
    expect(events.at(-1)).toContain('Failed: Failed to pull image "reg.test/app:1": rpc error: code = NotFound');
    await clock.advance(4_000);
    await expect(ensure()).rejects.toMatchObject({
      reason: 'ImagePullBackOff',
      retryIn: 6_000,
      message: expect.stringMatching(/^Back-off pulling image "reg.test\/app:1": ErrImagePull: rpc error/),
    });
    await clock.advance(6_000);
    await expect(ensure()).rejects.toMatchObject({ reason: 'ErrImagePull', retryIn: 20_000 });
    runtime.images.offer({ name: 'reg.test/app:1' });
    await clock.advance(20_000);
    await ensure();
  });

  test('is shared by pods that want the same image at once', async () => {
    const { runtime, ensure } = setUp({ image: 'reg.test/app:1' });
    runtime.images.offer({ name: 'reg.test/app:1' });
    await Promise.all([ensure(), ensure()]);
    expect(runtime.calls.filter(({ method }) => method === 'pullImage')).toHaveLength(1);
  });
});

describe('the pause image', () => {
  test('is pulled when it is missing, and left alone when it is there', async () => {
    const runtime = new FakeContainerRuntime({ clock: new FakeClock() });
    runtime.images.offer({ name: 'reg.test/pause:1' });
    const pause = new PauseImage({ image: 'reg.test/pause:1', runtime, log: silentLogger });
    await pause.ensure(signal);
    await pause.ensure(signal);
    expect(runtime.calls.map(({ method }) => method)).toEqual(['imageStatus', 'pullImage', 'imageStatus']);
  });

  test('names image, flag and address, and what went wrong, when it cannot be had', () => {
    const said = (image: string, error: string): string => pauseImageMessage(image, error);
    expect(said('127.0.0.1:9/pause:3.0', 'dial tcp 127.0.0.1:9: connect: connection refused')).toMatch(
      /^the pause image "127\.0\.0\.1:9\/pause:3\.0" \(set by the kubelet's --pod-infra-container-image\) can't be pulled: 127\.0\.0\.1:9 refused the connection; set --pod-infra-container-image to/,
    );
    expect(said('reg.test/pause', 'dial tcp: lookup reg.test: no such host')).toContain(
      'reg.test has no address in DNS',
    );
    expect(said('reg.test/pause', 'dial tcp 192.0.2.1:443: i/o timeout')).toContain(
      'reg.test (192.0.2.1:443) did not answer in time',
    );
    expect(said('reg.test/pause', 'manifest unknown')).toContain('reg.test does not have the image');
  });

  test('of another name in the runtime’s configuration is warned about', async () => {
    const runtime = new FakeContainerRuntime({ clock: new FakeClock() });
    runtime.status = async () => ({
      conditions: [],
      handlers: [],
      supplementalGroupsPolicy: false,
      info: { config: '{"sandboxImage":"other:1"}' },
    });
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warning: (_: string, fields: unknown) => void warnings.push(fields) };
    await new PauseImage({ image: 'mine:1', runtime, log }).compareWithRuntime(signal);
    await new PauseImage({ image: 'other:1', runtime, log }).compareWithRuntime(signal);
    expect(warnings).toEqual([
      { kubelet: 'mine:1', flag: '--pod-infra-container-image', runtime: 'other:1', setting: 'sandbox_image' },
    ]);
  });
});
