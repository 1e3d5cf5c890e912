import { existsSync } from 'node:fs';
import { systemClock } from '../../base/system-clock.ts';
import type { KubetsCommand } from '../command-line.ts';
import { defaultConfig } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';

/** `kubets kubectl …`: kubets' own kubectl, which finds the kubeconfig of `up` by itself. */
export const kubectlCommand: KubetsCommand = {
  name: 'kubectl',
  passThrough: true,
  summary: 'work with the cluster: get, describe, apply, exec, logs …; --data-dir names the cluster',
  async run({ args }, io) {
    const { dataDir, rest } = takeDataDir(args);
    const env = { ...process.env };
    const own = layoutOf(dataDir ?? defaultConfig.dataDir).adminKubeconfig;
    if (dataDir !== undefined || (env.KUBECONFIG === undefined && existsSync(own))) env.KUBECONFIG = own;
    const { runKubectl } = await import('../../cli/run-kubectl.ts');
    return runKubectl(rest, {
      stdin: process.stdin,
      stdout: process.stdout,
      stderr: process.stderr,
      env,
      cwd: process.cwd(),
      clock: systemClock,
      signal: io.signal,
    });
  },
};

/** `--data-dir` before or behind the verb, but not behind `--`, where it belongs to somebody else. */
function takeDataDir(args: readonly string[]): {
  readonly dataDir: string | undefined;
  readonly rest: readonly string[];
} {
  const end = args.indexOf('--');
  const own = end < 0 ? args : args.slice(0, end);
  const at = own.findIndex((arg) => arg === '--data-dir' || arg.startsWith('--data-dir='));
  if (at < 0) return { dataDir: undefined, rest: args };
  const joined = own[at]?.split('=')[1];
  const length = joined === undefined ? 2 : 1;
  return { dataDir: joined ?? own[at + 1], rest: [...args.slice(0, at), ...args.slice(at + length)] };
}
