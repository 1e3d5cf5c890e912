import { messageOf } from '../../base/errors.ts';
import { systemClock } from '../../base/system-clock.ts';
import { loadKubeconfig } from '../../client/kubeconfig.ts';
import type { CommandIo } from '../command-line.ts';
import { UsageError } from '../config/cluster-config.ts';
import { requirePlan } from '../up/cluster-plan.ts';
import { ownConnection } from '../up/readiness.ts';
import type { Severity } from './check.ts';
import { gatherFacts } from './gather-facts.ts';
import type { FactSources } from './gather-facts.ts';
import { checks } from './registry.ts';
import { examine, fails, reportText } from './report.ts';

/** What is to be checked, and how it is told. */
export interface CheckOptions {
  readonly dataDir: string;
  /** Undefined: the cluster in `dataDir`. */
  readonly kubeconfig: string | undefined;
  readonly output: 'text' | 'json';
  readonly failOn: Severity;
}

/** Checks a cluster and tells; resolves with the exit code. Throws UsageError when there is no cluster to be read. */
export async function runCheck(options: CheckOptions, io: Pick<CommandIo, 'stdout'>): Promise<number> {
  const sources = await sourcesOf(options);
  const facts = await gatherFacts(sources).catch((error: unknown) => {
    const server = sources.connection.servers[0] ?? '';
    throw new UsageError(`the cluster at ${server} can't be checked: ${messageOf(error)}`, { cause: error });
  });
  const report = examine(checks, facts);
  io.stdout.write(options.output === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : reportText(report));
  return fails(report, options.failOn) ? 1 : 0;
}

async function sourcesOf({ dataDir, kubeconfig }: CheckOptions): Promise<FactSources> {
  const clock = systemClock;
  if (kubeconfig !== undefined) {
    const { connection } = await loadKubeconfig(kubeconfig);
    return { connection, own: undefined, clock };
  }
  const own = requirePlan(dataDir);
  if (own.plan.role === 'worker')
    throw new UsageError('this machine is a node without a control plane: check the cluster with --kubeconfig');
  return { connection: await ownConnection(own.plan, own.layout), own, clock };
}
