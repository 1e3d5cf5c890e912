import { isIP } from 'node:net';
import type { RunCommand } from '../host/run-command.ts';
import { CommandError } from '../host/run-command.ts';

/** A connection that the kernel tracks: where the client sent to, and who answers. */
export interface TrackedFlow {
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** The reply's source: the endpoint when the destination was rewritten. */
  readonly replySource: string;
  readonly replySourcePort: number;
}

/** For one UDP service address, the endpoints that flows to it may go to. */
export interface UdpTarget {
  /** A Service's address; undefined for a node port, which any address may carry. */
  readonly address: string | undefined;
  readonly port: number;
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
}

/**
 * The UDP flows that must be forgotten so that their next packet is sent anew: those to an endpoint that is gone, and
 * those that went nowhere while there was no endpoint. (TCP needs none of this: a client notices and reconnects.)
 */
export function staleFlows(flows: readonly TrackedFlow[], targets: readonly UdpTarget[]): TrackedFlow[] {
  const byPort = Map.groupBy(targets, (target) => target.port);
  return flows.filter((flow) => {
    const target = byPort.get(flow.destinationPort)?.find((t) => matchesFlow(t, flow));
    if (target === undefined) return false;
    return !target.endpoints.some((e) => e.address === flow.replySource && e.port === flow.replySourcePort);
  });
}

function matchesFlow(target: UdpTarget, flow: TrackedFlow): boolean {
  if (target.address !== undefined) return target.address === flow.destination;
  // A node port shares its number with what else listens there: only flows that were rewritten are the proxy's.
  return flow.destination !== flow.replySource;
}

/** Parses the output of `conntrack -L -p udp`. */
export function parseFlows(text: string): TrackedFlow[] {
  return text.split('\n').flatMap((line) => {
    const values = (name: string): string[] =>
      [...line.matchAll(new RegExp(`\\b${name}=(\\S+)`, 'g'))].map((m) => m[1] ?? '');
    const [source, replySource] = values('src');
    const [destination] = values('dst');
    const [sourcePort, replySourcePort] = values('sport');
    const [destinationPort] = values('dport');
    if (!source || !replySource || !destination || isIP(source) === 0) return [];
    const ports = [sourcePort, destinationPort, replySourcePort].map(Number);
    const [first = 0, second = 0, third = 0] = ports;
    return [{ source, sourcePort: first, destination, destinationPort: second, replySource, replySourcePort: third }];
  });
}

/** Makes the kernel forget the stale UDP flows. Resolves with how many there were. */
export async function cleanUdpFlows(
  run: RunCommand,
  targets: readonly UdpTarget[],
  signal: AbortSignal,
): Promise<number> {
  if (targets.length === 0) return 0;
  const flows = parseFlows(await run(['conntrack', '-L', '-p', 'udp'], { signal }));
  const stale = staleFlows(flows, targets);
  for (const flow of stale) {
    const endpoints = ['--orig-src', flow.source, '--orig-dst', flow.destination];
    const ports = ['--orig-port-src', String(flow.sourcePort), '--orig-port-dst', String(flow.destinationPort)];
    await run(['conntrack', '-D', '-p', 'udp', ...endpoints, ...ports], { signal }).catch(ignoreMissing);
  }
  return stale.length;
}

/** A flow that ended by itself meanwhile is what was wanted. */
function ignoreMissing(error: unknown): void {
  if (error instanceof CommandError && error.exitCode === 1) return;
  throw error;
}
