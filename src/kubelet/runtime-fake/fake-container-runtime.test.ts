import { expect, test } from 'vitest';
import { FakeClock } from '../../base/fake-clock.ts';
import type { PodSandboxConfig } from '../cri/container-runtime.ts';
import { containerRuntimeSuite, type RuntimeHarness, suiteCommands } from '../cri/container-runtime.testsuite.ts';
import { hasRuntimeCode } from '../cri/runtime-error.ts';
import { FakeContainerRuntime } from './fake-container-runtime.ts';

containerRuntimeSuite('FakeContainerRuntime', fakeHarness);

const pod: PodSandboxConfig = { metadata: { name: 'web', uid: 'u1', namespace: 'default', attempt: 0 } };
const image = { image: 'nginx' };

test('pods get addresses of their own, pods on the network of the node none', async () => {
  const { runtime } = fake();
  const [first, second] = [await runtime.runPodSandbox(pod), await runtime.runPodSandbox(named('two'))];
  const addresses = await Promise.all(
    [first, second].map(async (id) => (await runtime.podSandboxStatus(id)).network?.ip),
  );
  expect(new Set(addresses).size).toBe(2);
  expect(addresses[0]).toMatch(/^10\.88\./);
});

test('a container exits by itself when its behaviour says so, and not before', async () => {
  const { runtime, clock, start } = fake();
  runtime.behave(({ metadata }) => (metadata.name === 'main' ? { exitAfterMs: 5_000, exitCode: 2 } : undefined));
  const id = await start();
  await clock.advance(4_999);
  expect((await runtime.containerStatus(id)).state).toBe('Running');
  await clock.advance(1);
  expect(await runtime.containerStatus(id)).toMatchObject({ state: 'Exited', exitCode: 2, finishedAt: clock.now() });
});

test('a test can end a container and give the reason', async () => {
  const { runtime, start } = fake();
  const id = await start();
  runtime.exit(id, { exitCode: 137, reason: 'OOMKilled' });
  expect(await runtime.containerStatus(id)).toMatchObject({ state: 'Exited', exitCode: 137, reason: 'OOMKilled' });
});

test('the next call of a method can be made to fail, the one after it does not', async () => {
  const { runtime } = fake();
  runtime.failNext('runPodSandbox', 'failed to get sandbox image "x": connection refused');
  await expect(runtime.runPodSandbox(pod)).rejects.toThrow(
    'rpc error: code = Unknown desc = failed to get sandbox image "x": connection refused',
  );
  await runtime.runPodSandbox(pod);
});

test('commands answer as scripted', async () => {
  const { runtime, start } = fake();
  const id = await start();
  let healthy = true;
  runtime.onExec(({ command }) => (command[0] === 'probe' ? { exitCode: healthy ? 0 : 1, stdout: 'ok' } : undefined));
  expect((await runtime.execSync(id, { command: ['probe'] })).exitCode).toBe(0);
  healthy = false;
  expect((await runtime.execSync(id, { command: ['probe'] })).exitCode).toBe(1);
});

test('an image that needs credentials is pulled only with them', async () => {
  const { runtime } = fake();
  runtime.images.offer({ name: 'registry.local/private:1', auth: { username: 'me', password: 'secret' } });
  await expect(runtime.pullImage({ image: 'registry.local/private:1' })).rejects.toThrow(/401 Unauthorized/);
  await runtime.pullImage({ image: 'registry.local/private:1' }, { auth: { username: 'me', password: 'secret' } });
  expect(await runtime.imageStatus({ image: 'registry.local/private:1' })).toBeDefined();
});

test('events arrive in order, from the subscription on', async () => {
  const { runtime, start } = fake();
  const stop = new AbortController();
  const events = runtime.events({ signal: stop.signal })[Symbol.asyncIterator]();
  const id = await start();
  runtime.exit(id, { exitCode: 1 });
  const types: string[] = [];
  for (let index = 0; index < 5; index++) {
    const { value } = await events.next();
    types.push(`${value.containerId === id ? 'container' : 'sandbox'} ${value.type}`);
  }
  expect(types).toEqual([
    'sandbox Created',
    'sandbox Started',
    'container Created',
    'container Started',
    'container Stopped',
  ]);
  const last = events.next();
  stop.abort(new Error('enough'));
  await expect(last).rejects.toThrow('enough');
});

test('a wait for a stubborn container ends with the signal, and leaves it running', async () => {
  const { runtime, start } = fake();
  runtime.behave(() => ({ onStop: 'ignored' }));
  const id = await start();
  const stop = new AbortController();
  const stopping = runtime.stopContainer(id, 30, { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(stopping).rejects.toThrow('enough');
  expect((await runtime.containerStatus(id)).state).toBe('Running');
});

test('an id that does not exist is NotFound', async () => {
  const { runtime } = fake();
  await expect(runtime.containerStatus('x')).rejects.toSatisfy((error) => hasRuntimeCode(error, 'NotFound'));
});

function named(name: string): PodSandboxConfig {
  return { metadata: { ...pod.metadata, name } };
}

function fake() {
  const clock = new FakeClock();
  const runtime = new FakeContainerRuntime({ clock });
  runtime.images.load({ name: image.image });
  const start = async (): Promise<string> => {
    const sandbox = await runtime.runPodSandbox(pod);
    const config = { metadata: { name: 'main', attempt: 0 }, image };
    const id = await runtime.createContainer(sandbox, config, { sandboxConfig: pod });
    await runtime.startContainer(id);
    return id;
  };
  return { runtime, clock, start };
}

async function fakeHarness(): Promise<RuntimeHarness> {
  const clock = new FakeClock();
  const runtime = new FakeContainerRuntime({ clock });
  const image = 'kubets.local/busybox:1';
  runtime.images.load({ name: image });
  runtime.behave(({ command }) => {
    if (command === suiteCommands.stubborn) return { onStop: 'ignored' };
    if (command === suiteCommands.missing) return { startError: 'exec: "/no/such/program": no such file or directory' };
    const code = /^exit (\d+)$/.exec(command?.[2] ?? '')?.[1];
    return code === undefined ? {} : { exitAfterMs: 1, exitCode: Number(code) };
  });
  runtime.onExec(({ command }) => {
    if (command === suiteCommands.sleeps) return { afterMs: 30_000 };
    if (command === suiteCommands.isReady) return {};
    return { stdout: 'out\n', stderr: 'err\n', exitCode: 4 };
  });
  const pass = async (): Promise<false> => {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
    return false;
  };
  return {
    runtime,
    image,
    logDirectory: '/var/log/pods',
    async settle(waiting) {
      const settled = waiting.then(
        () => true,
        () => true,
      );
      while (!(await Promise.race([settled, pass()]))) continue;
      return waiting;
    },
    async until(condition) {
      for (let rounds = 0; !(await condition()); rounds++) {
        if (rounds > 1_000) throw new Error('the condition never held');
        await pass();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
