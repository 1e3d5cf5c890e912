/** The columns of `kubectl get cronjobs`. */
import { ageOf } from '../../machinery/human-duration.ts';
import type { Column } from '../../machinery/resource.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import { containerImages, containerNames } from '../core/workload-columns.ts';
import type { CronJob } from './cron-job.ts';

/** The columns beside Name and Age. */
export const cronJobColumns: Readonly<Record<string, Column<CronJob>>> = {
  Schedule: ({ spec }) => spec.schedule,
  Timezone: ({ spec }) => spec.timeZone ?? '<none>',
  Suspend: { type: 'boolean', value: ({ spec }) => (spec.suspend ? 'True' : 'False') },
  Active: { type: 'integer', value: ({ status }) => (status.active ?? []).length },
  'Last Schedule': ({ status }, now) =>
    status.lastScheduleTime === undefined ? '<none>' : ageOf(status.lastScheduleTime, now),
  Containers: {
    wide: true,
    description: 'Names of each container in the template.',
    value: ({ spec }) => containerNames(spec.jobTemplate.spec.template),
  },
  Images: {
    wide: true,
    description: 'Images referenced by each container in the template.',
    value: ({ spec }) => containerImages(spec.jobTemplate.spec.template),
  },
  Selector: {
    wide: true,
    value: ({ spec }) => {
      const { selector } = spec.jobTemplate.spec;
      return selector ? formatLabelSelector(selector) || '<none>' : '<none>';
    },
  },
};
