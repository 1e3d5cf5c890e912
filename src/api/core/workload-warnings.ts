/** Warnings of the kinds whose pods come from a template. */
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { PodTemplateSpec } from './pod-spec.ts';
import { nameWarnings, templateWarnings } from './pod-warnings.ts';

interface Workload {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly template?: PodTemplateSpec | undefined };
}

interface WarningContext {
  readonly old?: Workload | undefined;
}

/** Of kinds whose pods are named and told apart by others, such as DaemonSets. */
export function workloadWarnings({ spec }: Workload, { old }: WarningContext): string[] {
  const isKnown = !spec.template || (old !== undefined && equalJson(old.spec, spec));
  return isKnown || !spec.template ? [] : templateWarnings(spec.template, 'spec.template');
}

/** Of kinds whose own name begins the names of their pods. */
export function namingWorkloadWarnings(workload: Workload, context: WarningContext): string[] {
  return [...(context.old ? [] : nameWarnings(workload.metadata.name)), ...workloadWarnings(workload, context)];
}
