import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../config/cluster-config.ts';

const run = promisify(execFile);

/** A program that a node needs, and Debian's package that has it. */
interface Needed {
  readonly program: string;
  readonly package: string;
}

const needed: readonly Needed[] = [
  { program: 'containerd', package: 'containerd' },
  { program: 'ctr', package: 'containerd' },
  { program: 'runc', package: 'runc' },
  { program: '/usr/lib/cni/bridge', package: 'containernetworking-plugins' },
  { program: '/usr/lib/cni/host-local', package: 'containernetworking-plugins' },
  { program: '/usr/lib/cni/portmap', package: 'containernetworking-plugins' },
  { program: 'nft', package: 'nftables' },
  { program: 'iptables', package: 'iptables' },
  { program: 'conntrack', package: 'conntrack' },
  { program: 'ip', package: 'iproute2' },
  { program: 'nsenter', package: 'util-linux' },
  { program: 'mount', package: 'mount' },
];

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Names of Debian's packages whose programs are missing here. */
export function missingPackages(path = process.env.PATH ?? ''): readonly string[] {
  const directories = [...new Set([...path.split(delimiter), ...systemPath.split(':')])];
  const has = (program: string): boolean =>
    program.startsWith('/')
      ? existsSync(program)
      : directories.some((directory) => isExecutable(join(directory, program)));
  return [...new Set(needed.filter(({ program }) => !has(program)).map((entry) => entry.package))];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs Debian packages. Throws UsageError that names them and what to do. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const advice = `install ${packages.join(' ')} yourself and run this again`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new UsageError(
      `these are missing and there is no apt-get to install them: ${packages.join(', ')}; ${advice}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  try {
    await run('apt-get', install, { env, maxBuffer: 1 << 26 }).catch(async () => {
      await run('apt-get', ['update', '-q'], { env, maxBuffer: 1 << 26 });
      return run('apt-get', install, { env, maxBuffer: 1 << 26 });
    });
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new UsageError(`apt-get could not install ${packages.join(', ')}: ${lastLine(text)}; ${advice}`, {
      cause: error,
    });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
