import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Container, ContainerConfig, ContainerRuntime, PodSandboxConfig } from './container-runtime.ts';
import { hasRuntimeCode, RuntimeError } from './runtime-error.ts';

/** A runtime under test, and what the suite must know of it. */
export interface RuntimeHarness extends AsyncDisposable {
  readonly runtime: ContainerRuntime;
  /** An image on the node, with /bin/sh and its like. */
  readonly image: string;
  /** An absolute folder for logs. */
  readonly logDirectory: string;
  /** Waits for what takes time: with a fake clock, by letting time pass. */
  settle<T>(waiting: Promise<T>): Promise<T>;
  /** Waits until a condition holds, or fails. */
  until(condition: () => Promise<boolean>): Promise<void>;
}

/** Commands that every harness's image understands, by what they do. */
export const suiteCommands = {
  /** Runs until SIGTERM, then exits with 0. */
  obedient: ['/bin/sh', '-c', 'trap "exit 0" TERM; : >/ready; while :; do sleep 0.05; done'],
  /** Runs on through SIGTERM. */
  stubborn: ['/bin/sh', '-c', 'trap "" TERM; : >/ready; while :; do sleep 0.05; done'],
  /** Succeeds once one of the two above has said what it does with SIGTERM. */
  isReady: ['/bin/sh', '-c', 'test -e /ready'],
  exits: (code: number) => ['/bin/sh', '-c', `exit ${code}`],
  missing: ['/no/such/program'],
  speaks: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 4'],
  sleeps: ['/bin/sleep', '30'],
} as const;

/** What every container runtime must do. Sandboxes use the node's network, so that no CNI is needed. */
export function containerRuntimeSuite(name: string, create: () => Promise<RuntimeHarness>): void {
  describe(name, () => {
    let harness: RuntimeHarness;
    beforeAll(async () => {
      harness = await create();
    }, 60_000);
    afterAll(() => harness[Symbol.asyncDispose](), 60_000);
    const given = (): Steps => new Steps(harness);

    describeRuntime(given);
    describeSandboxes(given);
    describeContainers(given);
    describeContainerLists(given);
    describeCommands(given);
    describeImages(given);
  });
}

type Given = () => Steps;

function describeRuntime(given: Given): void {
  test('it says who it is and that it is ready', async () => {
    const { runtime } = given();
    const version = await runtime.version();
    expect(version.runtimeApiVersion).toBe('v1');
    expect(version.runtimeName).not.toBe('');
    const { conditions } = await runtime.status();
    expect(conditions.find(({ type }) => type === 'RuntimeReady')).toMatchObject({ status: true });
    expect(conditions.map(({ type }) => type)).toContain('NetworkReady');
  });

  test('a call with an aborted signal rejects with its reason', async () => {
    const reason = new Error('enough');
    await expect(given().runtime.listContainers({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('it says how much its images take', async () => {
    const info = await given().runtime.imageFsInfo();
    expect(info.imageFilesystems[0]?.mountpoint).toMatch(/^\//);
  });
}

function describeSandboxes(given: Given): void {
  test('a sandbox is ready once run, not ready once stopped, and unknown once removed', async () => {
    const { runtime, run } = given();
    const { id, config } = await run();
    const status = await runtime.podSandboxStatus(id);
    expect(status).toMatchObject({ id, state: 'Ready', metadata: config.metadata, labels: config.labels });
    expect(status.namespaceOptions?.network).toBe('NODE');
    await runtime.stopPodSandbox(id);
    expect((await runtime.podSandboxStatus(id)).state).toBe('NotReady');
    await runtime.removePodSandbox(id);
    await expect(runtime.podSandboxStatus(id)).rejects.toSatisfy((error) => hasRuntimeCode(error, 'NotFound'));
  });

  test('sandboxes are listed by state and by label', async () => {
    const { runtime, run } = given();
    const [first, second] = [await run(), await run()];
    await runtime.stopPodSandbox(second.id);
    const named = { labelSelector: { suite: first.config.labels?.['suite'] ?? '' } };
    const listed = await runtime.listPodSandboxes(named);
    expect(listed.map(({ id, state }) => [id, state])).toEqual([[first.id, 'Ready']]);
    const ready = await runtime.listPodSandboxes({ state: 'Ready' });
    expect(ready.map(({ id }) => id)).toContain(first.id);
    expect(ready.map(({ id }) => id)).not.toContain(second.id);
  });

  test('a second sandbox of the same name and attempt is refused, the next attempt is not', async () => {
    const { runtime, run } = given();
    const { config } = await run();
    await expect(runtime.runPodSandbox(config)).rejects.toBeInstanceOf(RuntimeError);
    await run({ ...config, metadata: { ...config.metadata, attempt: 1 } });
  });

  test('stopping and removing a sandbox that does not exist does nothing', async () => {
    const { runtime } = given();
    await runtime.stopPodSandbox('0'.repeat(64));
    await runtime.removePodSandbox('0'.repeat(64));
  });

  test('removing a sandbox removes its containers', async () => {
    const { runtime, start } = given();
    const { sandbox, id } = await start(suiteCommands.obedient);
    await runtime.stopPodSandbox(sandbox.id);
    await runtime.removePodSandbox(sandbox.id);
    await expect(runtime.containerStatus(id)).rejects.toSatisfy((error) => hasRuntimeCode(error, 'NotFound'));
  });
}

function describeContainers(given: Given): void {
  test('a container is created, runs, and stops with its own exit code when asked', async () => {
    const { runtime, make, settle, ready } = given();
    const { id, sandbox } = await make(suiteCommands.obedient);
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'Created', startedAt: undefined });
    await runtime.startContainer(id);
    const running = await runtime.containerStatus(id);
    expect(running).toMatchObject({ state: 'Running', finishedAt: undefined });
    expect(running.startedAt).toBeGreaterThanOrEqual(running.createdAt);
    expect(running.logPath).toBe(`${sandbox.config.logDirectory}/main.log`);
    await ready(id);
    await settle(runtime.stopContainer(id, 10));
    const exited = await runtime.containerStatus(id);
    expect(exited).toMatchObject({ state: 'Exited', exitCode: 0, reason: 'Completed' });
    expect(exited.finishedAt).toBeGreaterThanOrEqual(exited.startedAt ?? Infinity);
  });

  test('a container that ignores its stop signal is killed after the timeout', async () => {
    const { runtime, start, settle, ready } = given();
    const { id } = await start(suiteCommands.stubborn);
    await ready(id);
    await settle(runtime.stopContainer(id, 1));
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'Exited', exitCode: 137, reason: 'Error' });
  });

  test('a container that ends by itself keeps its exit code', async () => {
    const { runtime, start, until } = given();
    const { id } = await start(suiteCommands.exits(3));
    await until(async () => (await runtime.containerStatus(id)).state === 'Exited');
    expect(await runtime.containerStatus(id)).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  test('a container whose program does not exist fails to start and says so', async () => {
    const { runtime, make } = given();
    const { id } = await make(suiteCommands.missing);
    await expect(runtime.startContainer(id)).rejects.toThrow(/no such file or directory/);
    expect(await runtime.containerStatus(id)).toMatchObject({ state: 'Exited', exitCode: 128, reason: 'StartError' });
  });

  test('a container of an image that is not there cannot be created', async () => {
    const { runtime, run } = given();
    const sandbox = await run();
    const config = { metadata: { name: 'main', attempt: 0 }, image: { image: 'kubets.local/absent:1' } };
    const created = runtime.createContainer(sandbox.id, config, { sandboxConfig: sandbox.config });
    await expect(created).rejects.toBeInstanceOf(RuntimeError);
  });
}

function describeContainerLists(given: Given): void {
  test('containers are listed by sandbox, state and label', async () => {
    const { runtime, start, make } = given();
    const running = await start(suiteCommands.obedient);
    const created = await make(suiteCommands.obedient, running.sandbox, 'second');
    const ids = (containers: readonly Container[]): string[] => containers.map(({ id }) => id).sort();
    const inSandbox = { podSandboxId: running.sandbox.id };
    expect(ids(await runtime.listContainers(inSandbox))).toEqual([running.id, created.id].sort());
    expect(ids(await runtime.listContainers({ ...inSandbox, state: 'Running' }))).toEqual([running.id]);
    const labelled = await runtime.listContainers({ ...inSandbox, labelSelector: { container: 'second' } });
    expect(labelled).toMatchObject([{ id: created.id, state: 'Created', metadata: { name: 'second', attempt: 0 } }]);
  });

  test('stopping and removing a container that does not exist does nothing', async () => {
    const { runtime } = given();
    await runtime.stopContainer('0'.repeat(64), 1);
    await runtime.removeContainer('0'.repeat(64));
  });

  test('a running container can be removed', async () => {
    const { runtime, start } = given();
    const { id, sandbox } = await start(suiteCommands.obedient);
    await runtime.removeContainer(id);
    expect(await runtime.listContainers({ podSandboxId: sandbox.id })).toEqual([]);
  });

  test('the resources of a running container can be changed, and what it uses be read', async () => {
    const { runtime, start } = given();
    const { id, sandbox } = await start(suiteCommands.obedient);
    await runtime.updateContainerResources(id, { cpuShares: 256, memoryLimit: 64 * 1024 * 1024 });
    const stats = await runtime.containerStats(id);
    expect(stats.attributes).toMatchObject({ id, metadata: { name: 'main' } });
    expect(stats.memory?.workingSetBytes).toBeGreaterThanOrEqual(0);
    const all = await runtime.listContainerStats({ podSandboxId: sandbox.id });
    expect(all.map(({ attributes }) => attributes.id)).toEqual([id]);
  });
}

function describeCommands(given: Given): void {
  test('a command gives its outputs and its exit code', async () => {
    const { runtime, start, settle } = given();
    const { id } = await start(suiteCommands.obedient);
    const result = await settle(runtime.execSync(id, { command: suiteCommands.speaks }));
    expect([text(result.stdout), text(result.stderr), result.exitCode]).toEqual(['out\n', 'err\n', 4]);
  });

  test('a command that outlasts its timeout fails with DeadlineExceeded', async () => {
    const { runtime, start, settle } = given();
    const { id } = await start(suiteCommands.obedient);
    const command = settle(runtime.execSync(id, { command: suiteCommands.sleeps, timeoutSeconds: 1 }));
    await expect(command).rejects.toSatisfy((error) => hasRuntimeCode(error, 'DeadlineExceeded'));
  });

  test('a command in a container that does not run is refused', async () => {
    const { runtime, make } = given();
    const { id } = await make(suiteCommands.obedient);
    await expect(runtime.execSync(id, { command: suiteCommands.speaks })).rejects.toBeInstanceOf(RuntimeError);
  });

  test('streams are offered at a URL', async () => {
    const { runtime, start } = given();
    const { id, sandbox } = await start(suiteCommands.obedient);
    const streams = { containerId: id, tty: false, stdin: false, stdout: true, stderr: true };
    expect(await runtime.exec({ ...streams, command: suiteCommands.speaks })).toMatch(/^http:\/\/127\.0\.0\.1/);
    expect(await runtime.attach(streams)).toMatch(/^http:\/\/127\.0\.0\.1/);
    expect(await runtime.portForward({ podSandboxId: sandbox.id, ports: [80] })).toMatch(/^http:\/\/127\.0\.0\.1/);
  });
}

function describeImages(given: Given): void {
  test('an image on the node is listed and found by name and by id', async () => {
    const { runtime, image } = given();
    const listed = (await runtime.listImages()).find(({ repoTags }) => repoTags.includes(image));
    expect(listed?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(listed?.size).toBeGreaterThan(0);
    expect((await runtime.imageStatus({ image }))?.image.id).toBe(listed?.id);
    expect((await runtime.imageStatus({ image: listed?.id ?? '' }))?.image.repoTags).toContain(image);
  });

  test('an image that is not on the node has no status', async () => {
    expect(await given().runtime.imageStatus({ image: 'kubets.local/absent:1' })).toBeUndefined();
  });

  test('an image that no registry has cannot be pulled', async () => {
    const pull = given().runtime.pullImage({ image: '127.0.0.1:9/absent:1' });
    await expect(pull).rejects.toThrow(/failed to pull and unpack image "127\.0\.0\.1:9\/absent:1"/);
  });
}

interface Sandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
}

let pods = 0;

/** What tests do again and again. Its functions need no `this`. */
class Steps {
  readonly runtime: ContainerRuntime;
  readonly image: string;
  readonly settle: RuntimeHarness['settle'];
  readonly until: RuntimeHarness['until'];
  readonly #harness: RuntimeHarness;

  constructor(harness: RuntimeHarness) {
    this.#harness = harness;
    this.runtime = harness.runtime;
    this.image = harness.image;
    this.settle = (waiting) => harness.settle(waiting);
    this.until = (condition) => harness.until(condition);
  }

  readonly run = async (config = this.#podConfig()): Promise<Sandbox> => {
    return { id: await this.runtime.runPodSandbox(config), config };
  };

  readonly make = async (
    command: readonly string[],
    given?: Sandbox,
    name = 'main',
  ): Promise<{ id: string; sandbox: Sandbox }> => {
    const sandbox = given ?? (await this.run());
    const config: ContainerConfig = {
      metadata: { name, attempt: 0 },
      image: { image: this.image },
      command,
      labels: { container: name },
      logPath: `${name}.log`,
    };
    return { id: await this.runtime.createContainer(sandbox.id, config, { sandboxConfig: sandbox.config }), sandbox };
  };

  readonly start = async (command: readonly string[]): Promise<{ id: string; sandbox: Sandbox }> => {
    const made = await this.make(command);
    await this.runtime.startContainer(made.id);
    return made;
  };

  readonly ready = (id: string): Promise<void> =>
    this.until(async () => (await this.runtime.execSync(id, { command: suiteCommands.isReady })).exitCode === 0);

  #podConfig(): PodSandboxConfig {
    const name = `pod-${++pods}`;
    return {
      metadata: { name, uid: `uid-${pods}`, namespace: 'suite', attempt: 0 },
      logDirectory: `${this.#harness.logDirectory}/${name}`,
      labels: { suite: name },
      linux: { securityContext: { namespaceOptions: { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' } } },
    };
  }
}

function text(output: Uint8Array): string {
  return new TextDecoder().decode(output);
}
