import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Writes the status whole. */
export function writeAgentStatus(layout: Layout, node: string, status: AgentStatus): void {
  const file = agentStatusFile(layout, node);
  writeFileSync(`${file}.new`, JSON.stringify(status));
  renameSync(`${file}.new`, file);
}
