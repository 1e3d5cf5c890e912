/**
 * `kubets bench start`: how long a cluster takes to start, phase by phase, how long a Deployment's pod takes to be
 * Ready, and the memory of each process when idle. In a network namespace of its own; every run begins without data.
 */
import { readFileSync } from 'node:fs';
import { systemClock } from '../src/base/system-clock.ts';
import { eventually } from '../test/e2e/run.ts';
import { loadTestImages, webImage } from '../test/e2e/test-images.ts';
import { testMachine } from '../test/e2e/test-machine.ts';
import type { TestMachine } from '../test/e2e/test-machine.ts';

const runs = Number(process.argv[2] ?? 3);
const idleMs = 10_000;

interface Measured {
  readonly phases: ReadonlyMap<string, number>;
  readonly memory: ReadonlyMap<string, number>;
}

async function measure(): Promise<Measured> {
  await using machine = await testMachine();
  const phases = new Map<string, number>();
  const started = performance.now();
  const output = await machine.up();
  phases.set('kubets up, in all', performance.now() - started);
  for (const [, title = '', seconds] of output.matchAll(/^✓ (.*) \(([\d.]+)s\)$/gm))
    phases.set(`  ${title}`, Number(seconds) * 1000);
  phases.set('API server: process start to /readyz', servingAfter(machine));
  await loadTestImages(machine);
  phases.set('create deployment to pod Ready', await podReady(machine));
  await machine.kubectl('delete', 'deployment', 'timed');
  await systemClock.sleep(idleMs);
  const { stdout } = await machine.kubets(['status', '-o', 'json', '--data-dir', machine.dataDir]);
  const status = JSON.parse(stdout) as { processes: { name: string; memoryBytes: number }[] };
  return { phases, memory: new Map(status.processes.map(({ name, memoryBytes }) => [name, memoryBytes])) };
}

/** The API server opens its port only when it is ready, and logs how old its process then is. */
function servingAfter({ dataDir }: TestMachine): number {
  const log = readFileSync(`${dataDir}/logs/kube-apiserver.INFO`, 'utf8');
  return Number(/sinceStart=(\d+)/.exec(log)?.[1] ?? Number.NaN);
}

async function podReady(machine: TestMachine): Promise<number> {
  // The times are the API's own: the Deployment's creation and the pod's Ready condition would be whole seconds, so
  // what a client sees is measured, with a watch that was open before.
  const created = performance.now();
  await machine.kubectl('create', 'deployment', 'timed', `--image=${webImage}`);
  await eventually(
    'the pod',
    async () => (await machine.kubectl('get', 'deploy', 'timed', '-o', 'jsonpath={.status.readyReplicas}')) === '1',
    { everyMs: 20 },
  );
  return performance.now() - created;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const measured: Measured[] = [];
for (let index = 0; index < runs; index++) measured.push(await measure());
const first = measured[0];
console.log(`median of ${runs} runs (min … max)`);
for (const name of first?.phases.keys() ?? [])
  print(
    name,
    measured.flatMap((run) => run.phases.get(name) ?? []),
    'ms',
  );
for (const name of first?.memory.keys() ?? []) {
  print(
    `memory of ${name}`,
    measured.flatMap((run) => (run.memory.get(name) ?? 0) / 2 ** 20),
    'MiB',
  );
}

function print(name: string, values: readonly number[], unit: string): void {
  const show = (value: number): string => value.toFixed(0);
  console.log(
    `${name.padEnd(40)} ${show(median(values)).padStart(7)} ${unit}  (${show(Math.min(...values))} … ${show(Math.max(...values))})`,
  );
}
