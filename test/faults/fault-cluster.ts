import { startComponentIn } from '../../src/distro/components/testing/component-process.ts';
import type { ComponentProcess } from '../../src/distro/components/testing/component-process.ts';
import { testPki } from '../../src/distro/components/testing/test-pki.ts';
import type { TestPki } from '../../src/distro/components/testing/test-pki.ts';
import type { Connection } from '../../src/client/connection.ts';
import { createHttpClient } from '../../src/client/http-client.ts';
import { startEtcd } from '../../src/store/etcd/testing/etcd-process.ts';
import type { EtcdCluster } from '../../src/store/etcd/testing/etcd-process.ts';
import type { EtcdMember } from '../../src/store/etcd/testing/etcd-member.ts';
import type { NetworkedMachine } from '../e2e/test-machine.ts';
import { eventually } from '../e2e/run.ts';
import { faultNetwork } from './fault-network.ts';
import type { FaultNetwork } from './fault-network.ts';

/** An API server on a machine of its own. */
export interface FaultServer {
  readonly name: string;
  readonly machine: NetworkedMachine;
  readonly connection: Connection;
  readonly process: ComponentProcess;
}

/** Three members of etcd and two API servers, each on a machine of its own. */
export interface FaultCluster extends AsyncDisposable {
  readonly network: FaultNetwork;
  readonly etcd: EtcdCluster;
  readonly servers: readonly [FaultServer, FaultServer];
  /** Where a member runs. */
  machineOf(member: EtcdMember): NetworkedMachine;
  /** The addresses of members; default: of all. */
  addresses(members?: readonly EtcdMember[]): readonly string[];
}

const port = 6443;

/** Starts them, and waits until both servers are ready. */
export async function startFaultCluster(): Promise<FaultCluster> {
  await using starting = new AsyncDisposableStack();
  const network = starting.use(await faultNetwork(5));
  const [first, second, ...others] = network.machines;
  const places = others.map(({ netns, address }) => ({ namespace: netns, address }));
  const etcd = starting.use(await startEtcd({ places, version: '3.5' }));
  const pki = starting.use(await testPki(port));
  const servers = [first!, second!].map((machine, index) => {
    const process = starting.use(startServer(machine, pki, etcd.endpoints));
    const connection = { ...pki.admin, servers: [`https://${machine.address}:${port}`], serverName: 'localhost' };
    return { name: 'AB'[index]!, machine, connection, process };
  });
  await Promise.all(servers.map(ready));
  const machineOf = (member: EtcdMember): NetworkedMachine => others[etcd.members.indexOf(member)]!;
  const running = starting.move();
  return {
    network,
    etcd,
    servers: [servers[0]!, servers[1]!],
    machineOf,
    addresses: (members = etcd.members) => members.map((member) => machineOf(member).address),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function startServer(
  machine: NetworkedMachine,
  { serverFlags }: TestPki,
  endpoints: readonly string[],
): ComponentProcess {
  return startComponentIn(
    `/run/netns/${machine.netns}`,
    'kube-apiserver',
    `--etcd-servers=${endpoints.join(',')}`,
    `--advertise-address=${machine.address}`,
    ...serverFlags,
  );
}

async function ready({ name, connection, process }: FaultServer): Promise<void> {
  await using client = createHttpClient(connection, { timeout: 2_000 });
  const isReady = async (): Promise<boolean> => (await client.text({ path: '/readyz' })) === 'ok';
  const ended = process.ended.then(() => Promise.reject(new Error(`API server ${name} ended\n${process.output}`)));
  await Promise.race([eventually(`API server ${name}`, isReady), ended]);
}
