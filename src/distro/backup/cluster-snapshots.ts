import { parseCronSchedule } from '../../api/batch/cron-schedule.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import type { Store } from '../../store/store.ts';
import type { Layout } from '../config/layout.ts';
import type { ClusterPlan } from '../up/cluster-plan.ts';
import { scheduledSnapshots } from './scheduled-snapshots.ts';
import { writeSnapshotReport } from './snapshot-report.ts';

/** What the snapshots of a cluster are taken with. */
export interface ClusterSnapshotsOptions {
  /** The store below encryption. */
  readonly store: Store;
  /** What it is called in its snapshots. */
  readonly name: string;
  readonly plan: Pick<ClusterPlan, 'config' | 'nodes'>;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The scheduled snapshots that a cluster's settings ask for, if they do. */
export function clusterSnapshots({ plan, layout, ...rest }: ClusterSnapshotsOptions): Component | undefined {
  const { snapshotScheduleCron, snapshotRetention: retention } = plan.config;
  if (snapshotScheduleCron === '') return undefined;
  return scheduledSnapshots({
    ...rest,
    machine: plan.nodes[0]?.name ?? 'node',
    schedule: parseCronSchedule(snapshotScheduleCron),
    retention,
    directory: snapshotFolder(plan, layout),
    report: (report) => writeSnapshotReport(layout, report),
  });
}

/** Where the snapshots of a cluster lie. */
export function snapshotFolder(plan: Pick<ClusterPlan, 'config'> | undefined, layout: Layout): string {
  return plan?.config.snapshotDir ?? layout.file('snapshots');
}
