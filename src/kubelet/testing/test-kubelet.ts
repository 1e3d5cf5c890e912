import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { Pod } from '../../api/core/pod.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import type { LogEntry } from '../../base/logger.ts';
import { createLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import type { RecordedEvent } from '../../client/event-recorder.ts';
import type { DraftObjectOf } from '../../machinery/resource.ts';
import type { KubeletOptions } from '../kubelet.ts';
import { createKubelet } from '../kubelet.ts';
import type { KubeletConfig } from '../kubelet-config.ts';
import { defaultKubeletConfig } from '../kubelet-config.ts';
import type { Machine } from '../node/machine.ts';
import type { ProbeOutcome } from '../probe/probe-outcome.ts';
import type { RunProbe } from '../probe/run-probe.ts';
import { FakeContainerRuntime } from '../runtime-fake/fake-container-runtime.ts';
import type { Mounter } from '../volume/mounter.ts';
import { FakeApi } from './fake-api.ts';

/** An event as a test sees it. */
export interface SeenEvent extends RecordedEvent {
  readonly about: string;
}

/** A kubelet over a runtime and an API in memory, with a clock that the test advances. */
export interface TestKubelet extends AsyncDisposable {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  readonly runtime: FakeContainerRuntime;
  readonly events: SeenEvent[];
  readonly log: LogEntry[];
  readonly folder: string;
  /** Mount points that the fake mounter has made. */
  readonly mounted: Set<string>;
  /** Containers of which the kernel knows that it killed them for want of memory. */
  readonly oomKilled: Set<string>;
  /** Answers of probes by `container/type`; without one they succeed. */
  readonly probes: Map<string, () => ProbeOutcome>;
  /** Creates a pod bound to this node. */
  create(pod: PodDraft): Promise<PodObject>;
  /** The pod as the API has it now. */
  pod(name: string): PodObject | undefined;
  /** Waits until the pod looks so; time stands still meanwhile unless `advancing` moves it by so much per look. */
  until(
    name: string,
    condition: (pod: PodObject | undefined) => unknown,
    advancing?: number,
  ): Promise<PodObject | undefined>;
  /** Waits for anything, likewise. */
  eventually<T>(condition: () => T | Promise<T>, advancing?: number): Promise<T>;
  /** Stops the kubelet and starts another over the same runtime, API and folders. */
  restart(config?: Partial<KubeletConfig>): Promise<void>;
}

/** A pod as tests write it. */
export type PodDraft = {
  readonly name: string;
  readonly namespace?: string;
  readonly annotations?: Record<string, string>;
  readonly labels?: Record<string, string>;
} & {
  readonly spec: NonNullable<DraftObjectOf<typeof Pod>['spec']>;
};

const nodeName = 'node-1';
const deadlineMs = 5_000;

/** A machine with 4 CPUs that is well. */
export const testMachine: Machine = {
  facts: async () => ({
    hostname: nodeName,
    architecture: 'amd64',
    cpus: 4,
    memory: 8 * 1024 ** 3,
    disk: 100 * 1024 ** 3,
    hugepages: {},
    machineID: 'machine',
    systemUUID: 'system',
    bootID: 'boot',
    kernelVersion: '6.1.0',
    osImage: 'Test Linux',
  }),
  usage: async () => ({ cpuSeconds: 1, memoryWorkingSet: 1024 }),
  pressure: async () => ({
    memoryAvailable: 4 * 1024 ** 3,
    diskAvailable: 0.9,
    inodesFree: 0.9,
    pidsAvailable: 30_000,
  }),
  oomKilled: () => false,
};

/** Starts a test kubelet. Dispose it to stop it and remove its files. */
export async function testKubelet(overrides: Partial<KubeletConfig> = {}): Promise<TestKubelet> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelet-test-'));
  const clock = new FakeClock();
  const runtime = new FakeContainerRuntime({ clock });
  runtime.images.load({ name: 'registry.test/pause:1' });
  runtime.images.load({ name: 'registry.test/app:1' });
  const api = new FakeApi(clock);
  const events: SeenEvent[] = [];
  const log: LogEntry[] = [];
  const mounted = new Set<string>();
  const oomKilled = new Set<string>();
  const probes = new Map<string, () => ProbeOutcome>();
  const start = (more: Partial<KubeletConfig>): Running => {
    const config: KubeletConfig = {
      ...defaultKubeletConfig,
      nodeName,
      nodeIP: '192.0.2.10',
      pauseImage: 'registry.test/pause:1',
      ...overrides,
      ...more,
    };
    return startKubelet({
      config,
      directories: { root: join(folder, 'root'), podLogs: join(folder, 'logs'), staticPods: join(folder, 'manifests') },
      client: api,
      runtime,
      clock,
      random: seededRandom(),
      log: createLogger({ verbosity: 0, now: () => clock.now(), sink: (entry) => void log.push(entry) }),
      events: { record: (about, event) => void events.push({ about: about.metadata.name, ...event }) },
      machine: { ...testMachine, oomKilled: (id) => oomKilled.has(id) },
      mounter: fakeMounter(mounted),
      runProbe: fakeProbe(probes),
      cgroupTree: 'none',
    });
  };
  let running = start({});
  const eventually = eventuallyOver(clock);
  const pod = (name: string): PodObject | undefined => api.peek(Pod, { namespace: 'default', name });
  return {
    ...{ api, clock, runtime, events, log, folder, mounted, oomKilled, probes, eventually, pod },
    create: async ({ name, namespace = 'default', labels, annotations, spec }) =>
      api.create(Pod, { metadata: { name, namespace, labels, annotations }, spec: { ...spec, nodeName } }),
    until: async (name, condition, advancing) => {
      await eventually(() => condition(pod(name)), advancing).catch((error: unknown) => {
        throw new Error(`${String(error)}; the pod is ${JSON.stringify(pod(name)?.status, undefined, 1)}`, {
          cause: error,
        });
      });
      return pod(name);
    },
    restart: async (more = {}) => {
      await running.stop();
      running = start(more);
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Running {
  stop(): Promise<void>;
}

function startKubelet(options: KubeletOptions): Running {
  const stopping = new AbortController();
  const done = createKubelet(options).run(stopping.signal);
  done.catch(() => undefined);
  return {
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await done;
    },
  };
}

/** Looks again after the event loop has turned: files are read for real although time stands still. */
function eventuallyOver(clock: FakeClock): TestKubelet['eventually'] {
  return async (condition, advancing = 0) => {
    const started = performance.now();
    for (;;) {
      const result = await condition();
      if (result) return result;
      if (performance.now() - started > deadlineMs)
        throw new Error(`not true within ${deadlineMs} ms: ${condition.toString()}`);
      await turn();
      if (advancing === 0) continue;
      await filesSettled();
      await clock.advance(advancing, turn);
    }
  };
}

/** Time must not run ahead of the files that the kubelet reads and writes: theirs come before these in the queue. */
async function filesSettled(): Promise<void> {
  for (let i = 0; i < 4; i++) await stat(tmpdir());
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Notes where something is mounted, and mounts nothing. */
export function fakeMounter(mounted: Set<string>): Mounter {
  return {
    tmpfs: async (target) => void mounted.add(target),
    bind: async (_, target) => void mounted.add(target),
    unmount: async (target) => void mounted.delete(target),
    mountsBelow: async (folder) => [...mounted].filter((point) => point === folder || point.startsWith(`${folder}/`)),
  };
}

function fakeProbe(answers: ReadonlyMap<string, () => ProbeOutcome>): RunProbe {
  return async (probe, { container }) => {
    const type = (['startup', 'liveness', 'readiness'] as const).find((name) => container[`${name}Probe`] === probe);
    return answers.get(`${container.name}/${type}`)?.() ?? { ok: true, message: '' };
  };
}
