import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { RunCommand } from '../run-command.ts';
import { inNetworkNamespace, runCommand } from '../run-command.ts';

/** A network namespace of a test's own. Disposing it ends the processes started in it and removes it. */
export interface TestNamespace extends AsyncDisposable {
  readonly name: string;
  readonly path: string;
  readonly run: RunCommand;
  /** Starts a server in it; resolves at once. */
  start(argv: readonly string[]): ChildProcess;
}

/** Makes a namespace with loopback up. */
export async function testNamespace(label: string): Promise<TestNamespace> {
  const name = `kt-${label}-${crypto.randomUUID().slice(0, 8)}`;
  await runCommand(['ip', 'netns', 'add', name]);
  const path = `/run/netns/${name}`;
  const run = inNetworkNamespace(path);
  await run(['ip', 'link', 'set', 'lo', 'up']);
  const children: ChildProcess[] = [];
  return {
    name,
    path,
    run,
    start(argv) {
      const child = spawn('nsenter', [`--net=${path}`, '--', ...argv], { stdio: 'ignore' });
      children.push(child);
      return child;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(children.map(ended));
      await runCommand(['ip', 'netns', 'del', name]);
    },
  };
}

/** Joins two namespaces by a veth pair with the given interface names and addresses (with prefix length). */
export async function joinNamespaces(a: VethEnd, b: VethEnd): Promise<void> {
  const peer = ['peer', 'name', b.device, 'netns', b.namespace.name];
  await a.namespace.run(['ip', 'link', 'add', a.device, 'type', 'veth', ...peer]);
  for (const { namespace, device, address } of [a, b]) {
    if (address !== undefined) await namespace.run(['ip', 'address', 'add', address, 'dev', device]);
    await namespace.run(['ip', 'link', 'set', device, 'up']);
  }
}

/** One end of a veth pair. */
export interface VethEnd {
  readonly namespace: TestNamespace;
  readonly device: string;
  readonly address?: string;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
