import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Wake } from '../base/wake.ts';
import { parseKey } from '../machinery/resource.ts';
import type { RunCommand } from '../host/run-command.ts';
import type { UdpTarget } from './conntrack.ts';
import { cleanUdpFlows } from './conntrack.ts';
import type { Topology } from './endpoint-selection.ts';
import { tableExists } from './live-table.ts';
import type { ProxyMetrics } from './proxy-metrics.ts';
import type { ProxyState } from './proxy-state.ts';
import { joinPieces } from './ruleset-piece.ts';
import { Ruleset } from './ruleset.ts';
import type { ServicePort } from './service-port.ts';
import { servicePorts } from './service-port.ts';
import { renderServicePort } from './service-rules.ts';
import type { LayoutOptions } from './table-layout.ts';

/** What a proxier needs. */
export interface ProxierOptions extends LayoutOptions {
  readonly state: ProxyState;
  readonly topology: Topology;
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: ProxyMetrics;
  /** The version up to which `state` has every EndpointSlice's changes. */
  readonly sliceVersion: () => string;
  /** Called with the ports of a Service each time they are rendered; without any when it is gone. */
  readonly onRendered?: (key: string, ports: readonly ServicePort[]) => void;
  /** Called with each batch that the kernel has taken. */
  readonly onApplied: (batch: AppliedBatch) => void;
}

/** A batch of changes that the kernel now reflects. */
export interface AppliedBatch {
  /** The version up to which every EndpointSlice's change is part of it. */
  readonly sliceVersion: string;
  /** Whether an endpoint stopped getting new connections. */
  readonly withdrew: boolean;
}

/** The pause after a transaction in which further changes gather, in milliseconds. */
const coalesce = 50;

/** The pauses after failures: the first retry comes soon, the last every 30 s. */
const retryDelays = [100, 500, 2_000, 10_000, 30_000] as const;

/** Carries the state of the cluster into the kernel: the first change at once, those that follow closely together. */
export class Proxier {
  readonly #options: ProxierOptions;
  readonly #ruleset: Ruleset;
  readonly #ports = new Map<string, readonly ServicePort[]>();
  #nodePortAddresses: readonly string[] = [];
  #topology: Topology;
  /** Where UDP flows may go, of Services that changed since flows were last cleaned. */
  readonly #udpTargets: UdpTarget[] = [];
  readonly #wake = new Wake();
  #pendingSince: number | undefined;

  constructor(options: ProxierOptions) {
    this.#options = options;
    this.#topology = options.topology;
    this.#ruleset = new Ruleset(options);
  }

  /** The state may have changed. */
  notify(): void {
    this.#pendingSince ??= this.#options.clock.now();
    this.#wake.notify();
  }

  /** Since when changes wait to reach the kernel, in wall-clock milliseconds; undefined when none do. */
  get pendingSince(): number | undefined {
    return this.#pendingSince;
  }

  /** Sets the node's own addresses at which node ports are served. */
  setNodePortAddresses(addresses: readonly string[]): void {
    if (addresses.join() === this.#nodePortAddresses.join()) return;
    this.#nodePortAddresses = addresses;
    this.notify();
  }

  /** Sets the zone of this node, on which hinted endpoints depend. */
  setTopology(topology: Topology): void {
    if (topology.zone === this.#topology.zone) return;
    this.#topology = topology;
    this.#options.state.touchAll();
    this.notify();
  }

  /** Somebody else may have touched the table: makes it anew if it is gone. */
  async verify(signal: AbortSignal): Promise<void> {
    if (this.#ruleset.isUnknown || (await tableExists(this.#options.run, this.#options.family, signal))) return;
    this.#options.log.warning('The nftables table is gone; making it anew', { family: this.#options.family });
    this.#ruleset.forget();
    this.notify();
  }

  /** Applies changes until aborted. Start it when the state is complete: what it does not know it removes. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    this.#wake.notify();
    while (!signal.aborted) {
      await this.#wake.wait(signal);
      if (signal.aborted) return;
      const ok = await this.#apply(signal);
      failures = ok ? 0 : failures + 1;
      const pause = ok ? coalesce : (retryDelays[Math.min(failures, retryDelays.length) - 1] ?? coalesce);
      await this.#options.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  async #apply(signal: AbortSignal): Promise<boolean> {
    const { state, clock, log, metrics } = this.#options;
    const started = clock.monotonic();
    const changes = state.takeChanges();
    const sliceVersion = this.#options.sliceVersion();
    const pendingSince = this.#pendingSince;
    this.#pendingSince = undefined;
    this.#udpTargets.push(...changes.services.flatMap((key) => this.#render(key)));
    this.#renderNodeAddresses();
    const full = this.#ruleset.isUnknown;
    const commands = this.#ruleset.commands();
    try {
      if (commands.length > 0) await this.#send(commands);
    } catch (error) {
      if (signal.aborted) return false;
      this.#ruleset.forget();
      state.restore(changes);
      this.#pendingSince = pendingSince ?? clock.now();
      this.#wake.notify();
      metrics.failed();
      log.error('Failed to apply the rules; all of them will be sent anew', { err: messageOf(error), full });
      return false;
    }
    this.#ruleset.applied();
    const milliseconds = clock.monotonic() - started;
    metrics.applied({ milliseconds, full });
    if (commands.length > 0) log.v(2).info('Applied rules', this.#describe(commands.length, { full, milliseconds }));
    await this.#cleanFlows(this.#udpTargets.splice(0), signal);
    this.#options.onApplied({ sliceVersion, withdrew: changes.withdrew });
    return true;
  }

  #describe(commands: number, sync: { full: boolean; milliseconds: number }) {
    return {
      ...sync,
      milliseconds: Math.round(sync.milliseconds),
      commands,
      services: this.#ports.size,
      ...this.#ruleset.size,
    };
  }

  async #send(commands: readonly unknown[]): Promise<void> {
    // Not abortable: a transaction under way is finished, so that what is known of the table stays true.
    await this.#options.run(['nft', '-j', '-f', '-'], { input: JSON.stringify({ nftables: commands }) });
  }

  #renderNodeAddresses(): void {
    const elements = this.#nodePortAddresses.map((key) => ({ set: 'nodeport-ips', key }));
    this.#ruleset.set('', { chains: new Map(), dynamicSets: [], elements });
  }

  /** Renders one Service into the ruleset. Returns what its UDP flows may now go to. */
  #render(key: string): UdpTarget[] {
    const found = this.#options.state.get(key);
    const { family } = this.#options;
    const old = this.#ports.get(key) ?? [];
    const ports =
      found === undefined ? [] : servicePorts(found.service, found.slices, { family, topology: this.#topology });
    if (ports.length > 0) this.#ports.set(key, ports);
    else this.#ports.delete(key);
    this.#options.onRendered?.(key, ports);
    const pieces = ports.map((port) => renderServicePort(port, this.#options));
    this.#ruleset.set(ownerName(key), pieces.length === 0 ? undefined : joinPieces(pieces));
    return udpTargets(old, ports);
  }

  async #cleanFlows(targets: readonly UdpTarget[], signal: AbortSignal): Promise<void> {
    try {
      const cleaned = await cleanUdpFlows(this.#options.run, targets, signal);
      if (cleaned > 0) this.#options.log.v(2).info('Deleted stale UDP flows', { flows: cleaned });
    } catch (error) {
      if (!signal.aborted) this.#options.log.error('Failed to delete stale UDP flows', { err: messageOf(error) });
    }
  }
}

/** Owners are ordered by name: of two Services that claim one address the first by namespace and name has it. */
function ownerName(key: string): string {
  const { namespace = '', name } = parseKey(key);
  return `${namespace}/${name}`;
}

/** Where flows to each UDP address that a Service had or has may go now. */
function udpTargets(old: readonly ServicePort[], now: readonly ServicePort[]): UdpTarget[] {
  const before = old.filter((port) => port.protocol === 'udp');
  const after = now.filter((port) => port.protocol === 'udp');
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [...before, ...after].flatMap((port) => {
    const current = after.find((other) => other.name === port.name && other.port === port.port);
    const endpoints = current === undefined ? [] : [...current.cluster, ...current.local];
    const addresses = [port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs];
    const nodePort = port.nodePort === undefined ? [] : [{ address: undefined, port: port.nodePort, endpoints }];
    return [...addresses.map((address) => ({ address, port: port.port, endpoints })), ...nodePort];
  });
}
