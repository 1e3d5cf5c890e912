import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Layout } from '../config/layout.ts';

/** What an agent says of itself to `up` and `status`. */
export interface AgentStatus {
  /** What it is doing, such as `starts containerd`. */
  readonly step: string;
  readonly problem?: string | undefined;
  readonly dnsAnswered: boolean;
  /** Milliseconds that each step of its start took. */
  readonly timings: Readonly<Record<string, number>>;
}

/** Where the agent of `node` writes its status. */
export function agentStatusFile(layout: Layout, node: string): string {
  return join(layout.run, `agent-${node}.status`);
}

/** An agent's status, written whole at every change. */
export class StatusReport {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #problems = new Map<string, string>();
  readonly #timings: Record<string, number> = {};
  readonly #began: number;
  #step = 'is starting';
  #dnsAnswered = false;

  constructor(layout: Layout, node: string, clock: Clock) {
    this.#file = agentStatusFile(layout, node);
    this.#clock = clock;
    this.#began = clock.monotonic();
    this.#write();
  }

  /** Runs a step of the start and notes how long it took. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = this.#clock.monotonic();
    this.at(name);
    try {
      return await work();
    } catch (error) {
      this.failed(name, messageOf(error));
      throw error;
    } finally {
      this.#timings[name] = Math.round(this.#clock.monotonic() - started);
    }
  }

  /** Says what it is doing now. */
  at(step: string): void {
    this.#step = step;
    this.#write();
  }

  /** Cluster DNS has answered. */
  dnsAnswered(): void {
    this.#dnsAnswered = true;
    this.#step = 'runs';
    this.#timings['until cluster DNS answered'] = Math.round(this.#clock.monotonic() - this.#began);
    this.#write();
  }

  /** Something is wrong with a part. */
  failed(part: string, problem: string): void {
    this.#problems.set(part, problem);
    this.#write();
  }

  /** Nothing is wrong with a part any more. */
  solved(part: string): void {
    if (this.#problems.delete(part)) this.#write();
  }

  #write(): void {
    const problem = [...this.#problems].map(([part, text]) => `${part}: ${text}`).join('; ');
    const status: AgentStatus = {
      step: this.#step,
      ...(problem === '' ? {} : { problem }),
      dnsAnswered: this.#dnsAnswered,
      timings: this.#timings,
    };
    writeFileSync(`${this.#file}.new`, JSON.stringify(status));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
