/** Columns that kinds with a pod template share. */
import type { ColumnOptions } from '../../machinery/resource.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { PodTemplateSpec } from './pod-spec.ts';

interface Workload {
  readonly spec: { readonly template: PodTemplateSpec; readonly selector: LabelSelector | undefined };
}

/** Containers, Images and Selector, for `-o wide`. */
export const workloadColumns: Readonly<Record<'Containers' | 'Images' | 'Selector', ColumnOptions<Workload>>> = {
  Containers: {
    wide: true,
    description: 'Names of each container in the template.',
    value: ({ spec }) => spec.template.spec.containers.map(({ name }) => name).join(','),
  },
  Images: {
    wide: true,
    description: 'Images referenced by each container in the template.',
    value: ({ spec }) => spec.template.spec.containers.map(({ image }) => image ?? '').join(','),
  },
  Selector: {
    wide: true,
    value: ({ spec }) => (spec.selector ? formatLabelSelector(spec.selector) || '<none>' : '<none>'),
  },
};
