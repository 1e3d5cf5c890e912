import { testNetwork } from '../e2e/test-machine.ts';
import type { NetworkedMachine } from '../e2e/test-machine.ts';
import { succeed } from '../e2e/run.ts';

/** Machines on a switch, between which packets can be made to vanish without a word. */
export interface FaultNetwork extends AsyncDisposable {
  readonly machines: readonly NetworkedMachine[];
  /** The address of this process on the switch. */
  readonly here: string;
  /** Nothing passes between the machine and these addresses any more, in either direction. */
  cut(machine: NetworkedMachine, addresses: readonly string[]): Promise<void>;
  /** What these addresses send does not reach the machine any more; what it sends reaches them. */
  deafen(machine: NetworkedMachine, addresses: readonly string[]): Promise<void>;
  /** Everything passes again. */
  heal(): Promise<void>;
}

/** What each machine drops: packets from the addresses in one set, and to those in the other. */
const rules = `table ip faults {
  set deaf { type ipv4_addr; }
  set mute { type ipv4_addr; }
  chain input { type filter hook input priority 0; ip saddr @deaf drop; }
  chain output { type filter hook output priority 0; ip daddr @mute drop; }
}`;

/** Makes so many machines. */
export async function faultNetwork(count: number): Promise<FaultNetwork> {
  const network = await testNetwork(count);
  const { machines } = network;
  const nft = (machine: NetworkedMachine, ...commands: readonly string[]): Promise<string> =>
    succeed(machine.on(['nft', '-f', '-']), { input: commands.join('\n') });
  const add = (set: string, addresses: readonly string[]): string =>
    `add element ip faults ${set} { ${addresses.join(', ')} }`;
  try {
    await Promise.all(machines.map((machine) => nft(machine, rules)));
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
  return {
    machines,
    here: machines[0]!.address.replace(/\d+$/, '1'),
    cut: async (machine, addresses) => void (await nft(machine, add('deaf', addresses), add('mute', addresses))),
    deafen: async (machine, addresses) => void (await nft(machine, add('deaf', addresses))),
    async heal() {
      await Promise.all(
        machines.map((machine) => nft(machine, 'flush set ip faults deaf', 'flush set ip faults mute')),
      );
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
