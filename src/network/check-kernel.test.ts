import { describe, expect, test } from 'vitest';
import { CommandError } from '../host/run-command.ts';
import type { RunCommand } from '../host/run-command.ts';
import { checkKernel } from './check-kernel.ts';

const files: Readonly<Record<string, string>> = {
  '/proc/filesystems': 'nodev\toverlay\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
};

/** A kernel that refuses the commands which `refuses` says, until `modprobe` was asked for `cure`. */
function kernelWithout(refuses: (command: string) => boolean, cure?: string): RunCommand {
  const loaded = new Set<string>();
  return async (argv) => {
    const command = argv.join(' ');
    if (argv[0] === 'modprobe') {
      if (argv[1] !== cure) throw new CommandError(argv, 1, 'FATAL: Module not found');
      if (cure !== undefined) loaded.add(cure);
    } else if (refuses(command) && !(cure !== undefined && loaded.has(cure))) {
      throw new CommandError(argv, 2, 'Operation not supported');
    }
    return files[argv[1] ?? ''] ?? '';
  };
}

describe('a kernel that lacks', () => {
  test.each([
    ['bridges', 'type bridge', /no bridges.*CONFIG_BRIDGE/],
    ['veth devices', 'type veth', /no veth devices.*CONFIG_VETH/],
    ['vxlan', 'type vxlan', /no vxlan.*CONFIG_VXLAN/],
    ['nftables with NAT', 'nft', /nftables/],
  ])('%s is told which option and module it needs', async (_, part, sentence) => {
    const problems = await checkKernel(kernelWithout((command) => command.includes(part)));
    expect(problems.join('\n')).toMatch(sentence);
  });

  test('nothing has no problems', async () => {
    expect(await checkKernel(kernelWithout(() => false))).toEqual([]);
  });
});

test('a feature that a module brings is loaded instead of complained of', async () => {
  expect(await checkKernel(kernelWithout((command) => command.includes('type vxlan'), 'vxlan'))).toEqual([]);
});

test('a program that is missing is not the kernel’s fault', async () => {
  const missing: RunCommand = (argv) => Promise.reject(new CommandError(argv, 127, 'unshare: failed to execute nft'));
  expect(await checkKernel(missing)).toEqual([]);
});

test('the kernel that these tests run on is good enough', async () => {
  expect(await checkKernel()).toEqual([]);
});
