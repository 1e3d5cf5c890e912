import type { RunCommand } from '../host/run-command.ts';
import { CommandError, runCommand } from '../host/run-command.ts';

/** One thing that pods or their network need of the kernel. */
interface KernelFeature {
  /** Fails when the feature is missing. */
  readonly probe: (run: RunCommand) => Promise<unknown>;
  /** What it is needed for, and what to do: a sentence. */
  readonly problem: string;
  /** Loaded before a second try. */
  readonly module?: string;
}

/** In a namespace that ends with the program: nothing is left, nothing collides. */
const inside = (...argv: string[]): string[] => ['unshare', '--net', '--', ...argv];

const link =
  (...type: string[]) =>
  (run: RunCommand): Promise<unknown> =>
    run(inside('ip', 'link', 'add', 'probe0', 'type', ...type));

const readable =
  (path: string) =>
  (run: RunCommand): Promise<unknown> =>
    run(['cat', path]);

const natProbe = {
  nftables: [
    { add: { table: { family: 'ip', name: 'probe' } } },
    { add: { chain: { family: 'ip', table: 'probe', name: 'c', type: 'nat', hook: 'prerouting', prio: -100 } } },
    {
      add: {
        map: {
          family: 'ip',
          table: 'probe',
          name: 'm',
          type: ['ipv4_addr', 'inet_proto', 'inet_service'],
          map: 'verdict',
        },
      },
    },
    { add: { rule: { family: 'ip', table: 'probe', chain: 'c', expr: [isNew(), toRandomEndpoint()] } } },
    { add: { chain: { family: 'ip', table: 'probe', name: 'p', type: 'nat', hook: 'postrouting', prio: 100 } } },
    { add: { rule: { family: 'ip', table: 'probe', chain: 'p', expr: [{ masquerade: { flags: 'fully-random' } }] } } },
    { add: { chain: { family: 'ip', table: 'probe', name: 'f', type: 'filter', hook: 'forward', prio: 0 } } },
    {
      add: {
        rule: {
          family: 'ip',
          table: 'probe',
          chain: 'f',
          expr: [{ reject: { type: 'icmp', expr: 'port-unreachable' } }],
        },
      },
    },
  ],
};

function isNew(): object {
  return { match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } };
}

function toRandomEndpoint(): object {
  const key = { numgen: { mode: 'random', mod: 2, offset: 0 } };
  return {
    dnat: {
      addr: {
        map: {
          key,
          data: {
            set: [
              [0, '10.0.0.1'],
              [1, '10.0.0.2'],
            ],
          },
        },
      },
      port: 80,
    },
  };
}

const features: readonly KernelFeature[] = [
  {
    probe: link('bridge'),
    module: 'bridge',
    problem:
      'the kernel has no bridges, on which pods hang: use a kernel with CONFIG_BRIDGE, or load the module bridge',
  },
  {
    probe: link('veth', 'peer', 'name', 'probe1'),
    module: 'veth',
    problem:
      'the kernel has no veth devices, which join pods to their node: use a kernel with CONFIG_VETH, or load the module veth',
  },
  {
    probe: link('vxlan', 'id', '1', 'dstport', '8472'),
    module: 'vxlan',
    problem:
      'the kernel has no vxlan, which joins the pods of several nodes: use a kernel with CONFIG_VXLAN, or load the module vxlan',
  },
  {
    probe: (run) => run(inside('nft', '-j', '-f', '-'), { input: JSON.stringify(natProbe) }),
    module: 'nf_tables',
    problem:
      'the kernel or nft lacks what Services need of nftables (NAT, maps, numgen, reject): use nft 1.0 or later and a kernel with CONFIG_NF_TABLES, CONFIG_NFT_NAT, CONFIG_NFT_MASQ, CONFIG_NFT_NUMGEN and CONFIG_NFT_REJECT, or load the modules nf_tables, nft_chain_nat, nft_masq, nft_numgen and nft_reject',
  },
  {
    probe: readable('/proc/sys/net/netfilter/nf_conntrack_max'),
    module: 'nf_conntrack',
    problem:
      'the kernel does not track connections, without which replies of Services go astray: load the module nf_conntrack',
  },
  {
    probe: readable('/proc/sys/net/bridge/bridge-nf-call-iptables'),
    module: 'br_netfilter',
    problem:
      'the kernel does not filter what crosses a bridge, so that pods of one node would not reach each other through a Service: load the module br_netfilter',
  },
  {
    probe: async (run) => {
      if (!(await run(['cat', '/proc/filesystems'])).split(/\s+/).includes('overlay')) throw new Error('no overlay');
    },
    module: 'overlay',
    problem:
      'the kernel has no overlayfs, on which containers start: use a kernel with CONFIG_OVERLAY_FS, or load the module overlay',
  },
  { probe: controlGroups, problem: controlGroupsProblem() },
  {
    probe: (run) => run(['unshare', '--mount', '--uts', '--ipc', '--net', '--pid', '--fork', '--', 'true']),
    problem:
      "namespaces can't be made, without which there are no containers: run as root with CAP_SYS_ADMIN, on a kernel with CONFIG_NAMESPACES",
  },
];

/**
 * What the kernel lacks of what pods and their network need, each as a sentence that says what to do; empty when all is
 * there. Loads modules where that helps; changes nothing else. Programs that are missing are not its business.
 */
export async function checkKernel(run: RunCommand = runCommand): Promise<readonly string[]> {
  const problems = await Promise.all(features.map((feature) => problemOf(feature, run)));
  return problems.flatMap((problem) => problem ?? []);
}

async function problemOf({ probe, problem, module }: KernelFeature, run: RunCommand): Promise<string | undefined> {
  const first = await attempt(() => probe(run));
  if (first === undefined || isProgramMissing(first)) return undefined;
  if (module === undefined) return problem;
  await attempt(() => run(['modprobe', module]));
  return (await attempt(() => probe(run))) === undefined ? undefined : problem;
}

async function attempt(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** `unshare` exits with 127 when it finds no program; a program of our own that is missing never runs. */
function isProgramMissing(error: unknown): boolean {
  return error instanceof CommandError && (error.exitCode === 127 || error.exitCode === undefined);
}

async function controlGroups(run: RunCommand): Promise<void> {
  const unified = await run(['cat', '/sys/fs/cgroup/cgroup.controllers']).catch(() => '');
  const mounts = await run(['cat', '/proc/mounts']);
  const legacy = mounts.split('\n').flatMap((line) => {
    const [, , type, options = ''] = line.split(' ');
    return type === 'cgroup' ? options.split(',') : [];
  });
  const has = (name: string): boolean => unified.split(/\s+/).includes(name) || legacy.includes(name);
  if (!['cpu', 'memory', 'pids'].every(has)) throw new Error('controllers are missing');
}

function controlGroupsProblem(): string {
  return 'the control groups cpu, memory and pids are not all there, without which containers have no limits: mount cgroup2 at /sys/fs/cgroup, or the cgroup v1 controllers below it';
}
