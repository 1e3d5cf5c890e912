/**
 * `kubets test`: installs what is missing, then runs every check and test. Arguments name parts to run
 * (types, layers, lint, format, unit, e2e); without any, all. Ends with the line `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { installPackages, missingPackages } from '../src/distro/up/packages.ts';
import { etcdProgram, etcdVersions } from '../src/store/etcd/testing/etcd-process.ts';
import { layerViolations } from './check-layers.ts';
import {
  clientGoVersions,
  kubectlVersions,
  promtool,
  unpackUpstreamClients,
  upstreamKubectl,
} from './upstream-clients.ts';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'kubets-test-'));
const path = [join(root, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
const sources = ['src', 'tools', 'test', 'bench'];

const parts: Readonly<Record<string, () => Promise<Outcome> | Outcome>> = {
  types: () => command('tsc', ['-p', '.']),
  layers: () => {
    const violations = layerViolations(root);
    for (const violation of violations) console.log(violation);
    return check(violations.length === 0);
  },
  lint: () => command('oxlint', ['--type-aware', ...sources]),
  format: () => command('oxfmt', ['--check', ...sources]),
  unit: () => vitest('unit'),
  e2e: () => vitest('e2e'),
};

function check(ok: boolean): Outcome {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function command(program: string, args: readonly string[]): Outcome {
  const { status } = spawnSync(program, [...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  return check(status === 0);
}

async function vitest(project: string): Promise<Outcome> {
  const report = join(scratch, `${project}.json`);
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn('vitest', args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  const status = await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numFailedTestSuites: number;
    };
    const failed = Math.max(result.numFailedTests, status === 0 ? 0 : 1);
    return { passed: result.numPassedTests, failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

async function prepare(wanted: readonly string[]): Promise<void> {
  if (!wanted.includes('unit') && !wanted.includes('e2e')) return;
  const missing = [
    ...missingPackages(),
    ...(spawnSync('unzip', ['-v']).error ? ['unzip'] : []),
    ...(spawnSync('busybox', ['true']).error ? ['busybox-static'] : []),
    ...(spawnSync('strace', ['-V']).error ? ['strace'] : []),
    ...(spawnSync('/usr/bin/python3', ['-c', 'import kubernetes']).status === 0 ? [] : ['python3-kubernetes']),
  ];
  if (missing.length > 0) {
    console.log(`installing ${missing.join(' ')}`);
    await installPackages(missing);
  }
  unpackUpstreamClients();
  for (const version of kubectlVersions) upstreamKubectl(version);
  for (const version of clientGoVersions) promtool(version);
  for (const version of etcdVersions) etcdProgram(version);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const unknown = wanted.find((name) => !(name in parts));
if (unknown !== undefined) {
  console.error(`kubets test knows the parts ${Object.keys(parts).join(', ')}, not ${unknown}`);
  process.exit(2);
}
await prepare(wanted);
let passed = 0;
let failed = 0;
for (const name of wanted) {
  console.log(`\n== ${name}`);
  const started = performance.now();
  const outcome = (await parts[name]?.()) ?? check(false);
  passed += outcome.passed;
  failed += outcome.failed;
  const verdict = outcome.failed === 0 ? 'ok' : 'FAILED';
  console.log(`== ${name}: ${verdict} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
