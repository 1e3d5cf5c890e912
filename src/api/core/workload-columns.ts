/** Columns that kinds with a pod template share. */
import type { ColumnOptions } from '../../machinery/resource.ts';
import type { LabelSelector } from '../../machinery/meta.ts';
import { formatLabelSelector } from '../../machinery/selector.ts';
import type { PodTemplateSpec } from './pod-spec.ts';

interface Workload {
  readonly spec: { readonly template: PodTemplateSpec; readonly selector?: LabelSelector | undefined };
}

/** Containers, Images and Selector, for `-o wide`. */
export const workloadColumns: Readonly<Record<'Containers' | 'Images' | 'Selector', ColumnOptions<Workload>>> = {
  Containers: {
    wide: true,
    description: 'Names of each container in the template.',
    value: ({ spec }) => containerNames(spec.template),
  },
  Images: {
    wide: true,
    description: 'Images referenced by each container in the template.',
    value: ({ spec }) => containerImages(spec.template),
  },
  Selector: {
    wide: true,
    value: ({ spec }) => (spec.selector ? formatLabelSelector(spec.selector) || '<none>' : '<none>'),
  },
};

/** The names of a template's containers, in one cell. */
export function containerNames(template: PodTemplateSpec | undefined): string {
  return (template?.spec.containers ?? []).map(({ name }) => name).join(',');
}

/** The images of a template's containers, in one cell. */
export function containerImages(template: PodTemplateSpec | undefined): string {
  return (template?.spec.containers ?? []).map(({ image }) => image ?? '').join(',');
}
