/** Validation of Jobs. Source: kubernetes' batch validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, notSupported, required, tooLong } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors } from '../../machinery/label-validation.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { labelSelectorMatcher } from '../../machinery/selector.ts';
import { podTemplateErrors } from '../core/pod-spec-validation.ts';
import { nonNegative } from '../core/value-checks.ts';
import { templateLabelsErrors } from '../core/workload-validation.ts';
import { failurePolicyErrors, successPolicyErrors } from './job-policy-validation.ts';
import { jobLabels } from './job-selector.ts';
import { jobStatusErrors } from './job-status-validation.ts';
import { jobChangeErrors } from './job-update-validation.ts';
import type { Job, JobSpec } from './job.ts';

/** Above so many completions, other numbers are bounded. */
const manyCompletions = 100_000;
const mostForMany = 10_000;

/** What is wrong with a Job. */
export function jobErrors(job: Job, { old, subresource }: ValidationContext<Job>): FieldError[] {
  if (subresource === 'status') return jobStatusErrors(job, old);
  const { spec } = job;
  const path = 'spec.template';
  const labels = spec.template.metadata.labels;
  return [
    ...(old ? [] : generatedErrors(job)),
    ...jobSpecErrors(spec, 'spec'),
    ...(spec.selector ? labelSelectorErrors(spec.selector, 'spec.selector') : [required('spec.selector')]),
    ...templateLabelsErrors(labelSelectorMatcher(spec.selector)(labels), labels, path),
    ...(old ? jobChangeErrors(job, old) : hostNameErrors(job)),
  ];
}

/** A Job that has its selector generated has certain labels, unless its author set others. */
function generatedErrors({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return [];
  const expected = jobLabels(metadata);
  const actual = spec.template.metadata.labels ?? {};
  const isGenerated =
    labelSelectorErrors(spec.selector, '').length > 0 || labelSelectorMatcher(spec.selector)(expected);
  return [
    ...Object.entries(expected).flatMap(([key, value]) => {
      const path = `spec.template.metadata.labels[${key}]`;
      if (actual[key] === undefined) return [required(path, `must be '${value}'`)];
      return actual[key] === value ? [] : [invalid(path, actual, `must be '${value}'`)];
    }),
    ...(isGenerated ? [] : [invalid('spec.selector', spec.selector, '`selector` not auto-generated')]),
  ];
}

/** The pods of an Indexed Job are named by their index; the longest name must be one. */
function hostNameErrors({ metadata: { name }, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || !spec.completions || spec.completions < 0) return [];
  const longest = `${name}-${spec.completions - 1}`;
  if (dns1123LabelErrors(longest).length === 0) return [];
  return [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)];
}

/** What is wrong with the spec of a Job, also inside the template of a CronJob. */
export function jobSpecErrors(spec: JobSpec, path: string): FieldError[] {
  const numbers = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const;
  const isHalf = spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined;
  return [
    ...numbers.flatMap((name) => nonNegative(spec[name], `${path}.${name}`)),
    ...(isHalf ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')] : []),
    ...managerErrors(spec.managedBy, `${path}.managedBy`),
    ...(spec.completionMode === 'Indexed' ? indexedErrors(spec, path) : unindexedErrors(spec, path)),
    ...failurePolicyErrors(spec, `${path}.podFailurePolicy`),
    ...successPolicyErrors(spec, `${path}.successPolicy`),
    ...replacementErrors(spec, `${path}.podReplacementPolicy`),
    ...podTemplateErrors(spec.template, `${path}.template`),
    ...restartErrors(spec, `${path}.template.spec.restartPolicy`),
  ];
}

function managerErrors(manager: string | undefined, path: string): FieldError[] {
  if (manager === undefined) return [];
  const long = manager.length > 63 ? [tooLong(path, '', 63)] : [];
  if (manager === '') return [required(path)];
  const [domain = '', ...rest] = manager.split('/');
  const name = rest.join('/');
  if (domain === '' || name === '') {
    return [invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")'), ...long];
  }
  return [...dns1123SubdomainErrors(domain).map((detail) => invalid(path, domain, detail)), ...long];
}

function indexedErrors(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes } = spec;
  const errors: FieldError[] = [];
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', most: number, detail: string): void => {
    const value = spec[name];
    if (value !== undefined && value > most) {
      errors.push(invalid(`${path}.${name}`, value, `must be less than or equal to ${detail}`));
    }
  };
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  atMost('parallelism', manyCompletions, `${manyCompletions} when completion mode is Indexed`);
  if (completions !== undefined) atMost('maxFailedIndexes', completions, 'completions');
  atMost('maxFailedIndexes', manyCompletions, String(manyCompletions));
  if ((completions ?? 0) <= manyCompletions || spec.backoffLimitPerIndex === undefined) return errors;
  const bounded = `${mostForMany} when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) {
    errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${manyCompletions}`));
  }
  if (parallelism > mostForMany) atMost('parallelism', mostForMany, bounded);
  atMost('maxFailedIndexes', mostForMany, bounded);
  return errors;
}

function unindexedErrors(spec: JobSpec, path: string): FieldError[] {
  const given = (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter((name) => spec[name] !== undefined);
  return given.map((name) => invalid(`${path}.${name}`, spec[name], 'requires indexed completion mode'));
}

function replacementErrors({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  return policy !== undefined && podFailurePolicy && policy !== 'Failed'
    ? [notSupported(path, policy, ['Failed'])]
    : [];
}

function restartErrors({ template, podFailurePolicy }: JobSpec, path: string): FieldError[] {
  const { restartPolicy } = template.spec;
  if (!restartPolicy || restartPolicy === 'Always') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (restartPolicy === 'Never' || restartPolicy !== 'OnFailure' || !podFailurePolicy) return [];
  return [invalid(path, restartPolicy, 'only "Never" is supported when podFailurePolicy is specified')];
}
