import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../../base/system-clock.ts';
import { clusterLocation } from '../backup/cluster-location.ts';
import type { CommandIo } from '../command-line.ts';
import { openStore } from '../components/open-store.ts';
import { UsageError } from '../config/cluster-config.ts';
import { layoutOf } from '../config/layout.ts';
import type { Layout } from '../config/layout.ts';
import { keepTokens, keptToken } from '../join/cluster-token.ts';
import { readSharedFiles, shareFiles } from '../join/shared-data.ts';
import { hostAddresses } from '../node-network.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { renewServerIdentities } from '../up/identities.ts';
import { certificateRows, certificateTable } from './certificate-table.ts';
import { pkiFiles } from './cluster-pki.ts';
import { neededCertificates } from './needed-certificates.ts';
import { retireAuthority, rotateAuthority } from './rotate-authority.ts';

/** What an action of `kubets certs` is given. */
export interface CertificateAction {
  /** Of certificates; none: all. */
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly dataDir: string;
  readonly io: CommandIo;
}

/** The actions by name; each resolves with the exit code. Throws UsageError. */
export const certificateActions: Readonly<Record<string, (action: CertificateAction) => Promise<number>>> = {
  show,
  renew,
  'rotate-ca': rotate,
};

async function show({ options, dataDir, io }: CertificateAction): Promise<number> {
  const { output = 'table' } = options;
  if (output !== 'table' && output !== 'json')
    throw new UsageError(`--output is table or json, not ${JSON.stringify(output)}`);
  const rows = certificateRows(layoutOf(dataDir).pki, systemClock.now());
  if (rows.length === 0) throw new UsageError(`there is no cluster in ${dataDir}: kubets up makes one`);
  io.stdout.write(output === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : certificateTable(rows));
  return rows.some(({ state }) => state === 'expired') ? 3 : 0;
}

async function renew({ names, dataDir, io }: CertificateAction): Promise<number> {
  const cluster = controlPlane(dataDir);
  const known = neededCertificates(cluster.plan, [hostname()]).map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`there is no certificate ${JSON.stringify(unknown)} here, but ${known.join(', ')}`);
  const renewed = names.length === 0 ? known : names;
  await reissue(cluster, renewed);
  io.stdout.write(`Renewed: ${renewed.join(', ')}.\n`);
  return 0;
}

async function rotate({ options, dataDir, io }: CertificateAction): Promise<number> {
  const cluster = controlPlane(dataDir);
  const { pki } = cluster.layout;
  const ends = options['finish'] === true;
  if (ends) retireAuthority(pki);
  else if (!existsSync(pkiFiles(pki).crossSigned)) await rotateAuthority(pki, systemClock.now());
  await reissue(cluster, []);
  await shareAuthority(cluster);
  io.stdout.write(ends ? finished : begun(dataDir));
  return 0;
}

interface Cluster {
  readonly plan: ClusterPlan;
  readonly layout: Layout;
}

function controlPlane(dataDir: string): Cluster {
  const { plan, layout } = requirePlan(dataDir);
  if (plan.role !== 'worker') return { plan, layout };
  throw new UsageError(
    'this machine has no authority: run this on a control-plane node; the certificates of its own node are renewed through the API by themselves',
  );
}

async function reissue({ plan, layout }: Cluster, names: readonly string[]): Promise<void> {
  await renewServerIdentities({ plan, layout, addresses: hostAddresses().all, now: systemClock.now() }, names);
  const ca = readFileSync(pkiFiles(layout.pki).ca.certificate, 'utf8');
  const token = keptToken(layout);
  if (token !== undefined) keepTokens(layout, token, ca);
}

/** The other machines of the control plane follow within a minute. */
async function shareAuthority({ plan, layout }: Cluster): Promise<void> {
  if (plan.config.etcdServers.length === 0) return;
  await using store = await openStore(clusterLocation(plan, layout));
  await shareFiles(store, keptToken(layout) ?? '', readSharedFiles(layout.pki));
}

const begun = (
  dataDir: string,
): string => `The cluster has a new authority, which signs from now on; the former one is still believed.
Next, without haste:
  1. Hand out ${dataDir}/admin.kubeconfig again to those who have a copy; pods get the new authority within minutes.
  2. On nodes that joined from other machines, the new authority comes when their agents renew; kubets certs show tells.
  3. kubets certs rotate-ca --finish: nobody is let in any more by what the former authority has signed.
`;

const finished = `Only the new authority is believed from now on. Copies of kubeconfigs from before do not work any more.
`;
