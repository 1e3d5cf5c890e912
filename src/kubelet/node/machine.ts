import { readFile, readdir, statfs } from 'node:fs/promises';
import os from 'node:os';
import { oomKilled } from './kernel-log.ts';

/** What a node is made of. Sizes in bytes. */
export interface MachineFacts {
  readonly hostname: string;
  /** As Go names it: amd64, arm64. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memory: number;
  readonly disk: number;
  /** Capacity by page size as the API names it, such as `2Mi`. */
  readonly hugepages: Readonly<Record<string, number>>;
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
  readonly kernelVersion: string;
  readonly osImage: string;
}

/** What is left of a node's resources. */
export interface MachinePressure {
  readonly memoryAvailable: number;
  /** Fractions of the file system that holds the kubelet's directory. */
  readonly diskAvailable: number;
  readonly inodesFree: number;
  readonly pidsAvailable: number;
}

/** What the whole machine uses. */
export interface MachineUsage {
  /** Since the machine's start, of all cores. */
  readonly cpuSeconds: number;
  /** Bytes that cannot be had without taking them from somebody. */
  readonly memoryWorkingSet: number;
}

/** Reads the machine; a test gives its own. */
export interface Machine {
  usage(): Promise<MachineUsage>;
  facts(): Promise<MachineFacts>;
  pressure(): Promise<MachinePressure>;
  /** Whether the kernel killed a process of the container because memory ran out, as far as it remembers. */
  oomKilled(containerId: string): boolean;
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', ia32: '386' };

/** The machine that this process runs on. `rootDirectory` lies on the file system that pods use. */
export function createMachine(rootDirectory: string): Machine {
  return {
    facts: () => readFacts(rootDirectory),
    pressure: () => readPressure(rootDirectory),
    usage: readUsage,
    oomKilled,
  };
}

async function readFacts(rootDirectory: string): Promise<MachineFacts> {
  const [meminfo, release, machineID, bootID, systemUUID, disk, hugepages] = await Promise.all([
    text('/proc/meminfo'),
    text('/etc/os-release'),
    text('/etc/machine-id'),
    text('/proc/sys/kernel/random/boot_id'),
    text('/sys/class/dmi/id/product_uuid'),
    statfs(rootDirectory),
    readHugepages(),
  ]);
  return {
    hostname: os.hostname(),
    architecture: architectures[process.arch] ?? process.arch,
    cpus: os.availableParallelism(),
    memory: parseMeminfo(meminfo)['MemTotal'] ?? os.totalmem(),
    disk: disk.blocks * disk.bsize,
    hugepages,
    machineID: machineID.trim(),
    systemUUID: systemUUID.trim() || machineID.trim(),
    bootID: bootID.trim(),
    kernelVersion: os.release(),
    osImage: osImageOf(release),
  };
}

async function readPressure(rootDirectory: string): Promise<MachinePressure> {
  const [meminfo, disk, pidMax, loadavg] = await Promise.all([
    text('/proc/meminfo'),
    statfs(rootDirectory),
    text('/proc/sys/kernel/pid_max'),
    text('/proc/loadavg'),
  ]);
  const processes = Number(/\/(\d+)/.exec(loadavg)?.[1] ?? 0);
  return {
    memoryAvailable: parseMeminfo(meminfo)['MemAvailable'] ?? os.freemem(),
    diskAvailable: disk.blocks === 0 ? 1 : disk.bavail / disk.blocks,
    inodesFree: disk.files === 0 ? 1 : disk.ffree / disk.files,
    pidsAvailable: Number(pidMax) - processes,
  };
}

async function readUsage(): Promise<MachineUsage> {
  const [stat, meminfo] = await Promise.all([text('/proc/stat'), text('/proc/meminfo')]);
  const { MemTotal = 0, MemAvailable = 0 } = parseMeminfo(meminfo);
  return { cpuSeconds: parseCpuSeconds(stat), memoryWorkingSet: MemTotal - MemAvailable };
}

/** The time that all cores were busy, from /proc/stat, whose unit is a hundredth of a second. */
export function parseCpuSeconds(stat: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '')
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / 100;
}

/** The figures of /proc/meminfo in bytes. */
export function parseMeminfo(meminfo: string): Readonly<Record<string, number>> {
  const entries = [...meminfo.matchAll(/^(\w+):\s+(\d+) kB$/gm)];
  return Object.fromEntries(entries.map(([, name = '', kilobytes]) => [name, Number(kilobytes) * 1024]));
}

function osImageOf(release: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? 'Linux';
}

async function readHugepages(): Promise<Readonly<Record<string, number>>> {
  const root = '/sys/kernel/mm/hugepages';
  const folders = await readdir(root).catch(() => []);
  const entries = await Promise.all(
    folders.map(async (folder): Promise<readonly [string, number]> => {
      const kilobytes = Number(/hugepages-(\d+)kB/.exec(folder)?.[1] ?? 0);
      const count = Number(await text(`${root}/${folder}/nr_hugepages`));
      const name = kilobytes >= 1024 * 1024 ? `${kilobytes / 1024 / 1024}Gi` : `${kilobytes / 1024}Mi`;
      return [name, count * kilobytes * 1024];
    }),
  );
  return Object.fromEntries(entries);
}

function text(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
