import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';

/** How one member is started. */
export interface EtcdMemberPlan {
  readonly name: string;
  readonly program: string;
  /** Where its data and its log go. */
  readonly folder: string;
  readonly namespace: string | undefined;
  readonly host: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly metricsPort: number;
  readonly initialCluster: string;
  readonly tls: boolean;
  readonly flags: readonly string[];
}

/** One etcd process, which can be killed and started again on its data. */
export class EtcdMember {
  readonly name: string;
  /** The URL for clients. */
  readonly endpoint: string;
  readonly peerPort: number;
  readonly clientPort: number;
  /** Where its data lies; survives a restart. */
  readonly dataFolder: string;
  readonly #plan: EtcdMemberPlan;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(plan: EtcdMemberPlan) {
    this.#plan = plan;
    this.name = plan.name;
    this.endpoint = `${plan.tls ? 'https' : 'http'}://${plan.host}:${plan.clientPort}`;
    this.clientPort = plan.clientPort;
    this.peerPort = plan.peerPort;
    this.dataFolder = join(plan.folder, plan.name);
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Of the process, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process, on the data that it left if it ran before. */
  start(): void {
    if (this.#child) throw new Error(`etcd member ${this.name} runs already`);
    const { namespace, program } = this.#plan;
    const file = namespace === undefined ? program : 'ip';
    const args = [...(namespace === undefined ? [] : ['netns', 'exec', namespace, program]), ...this.#flags()];
    const log = openSync(this.#logFile, 'a');
    const child = spawn(file, args, { stdio: ['ignore', log, log], env: { ETCD_UNSUPPORTED_ARCH: process.arch } });
    closeSync(log);
    this.#child = child;
    const orphan = (): void => void child.kill('SIGKILL');
    process.once('exit', orphan);
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        process.removeListener('exit', orphan);
        this.#child = undefined;
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
  }

  /** Ends the process, by default without a chance to say goodbye, and waits until it is gone. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal);
    await this.#ended;
  }

  /** Halts the process: connections stay open and nothing answers, as when a link is cut without a word. */
  async freeze(): Promise<void> {
    const { pid } = this;
    if (pid === undefined) return;
    this.#child?.kill('SIGSTOP');
    // On a busy machine the signal takes its time, and the process answers meanwhile.
    while (this.running && !isHalted(pid)) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets a halted process go on. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Whether it answers a linearizable read. */
  async isHealthy(): Promise<boolean> {
    return (await this.#fetch('/health')).includes('"true"');
  }

  /** Whether it says that it leads. */
  async isLeader(): Promise<boolean> {
    return /^etcd_server_is_leader 1$/m.test(await this.#fetch('/metrics'));
  }

  /** What it logged last. */
  log(): string {
    return readFileSync(this.#logFile, 'utf8').slice(-4_000);
  }

  get #logFile(): string {
    return join(this.#plan.folder, `${this.name}.log`);
  }

  #flags(): string[] {
    const { name, host, peerPort, metricsPort, initialCluster, flags } = this.#plan;
    const peer = `http://${host}:${peerPort}`;
    return [
      `--name=${name}`,
      `--data-dir=${this.dataFolder}`,
      `--listen-client-urls=${this.endpoint}`,
      `--advertise-client-urls=${this.endpoint}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${initialCluster}`,
      `--listen-metrics-urls=http://${host}:${metricsPort}`,
      '--logger=zap',
      '--log-level=warn',
      ...flags,
    ];
  }

  /** The text at a path of its metrics port; empty if it does not answer. */
  #fetch(path: string): Promise<string> {
    const { host, metricsPort } = this.#plan;
    return new Promise((resolve) => {
      const request = get({ host, port: metricsPort, path, timeout: 2_000, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('close', () => resolve(text));
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(''));
    });
  }
}

function isHalted(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
  });
}
