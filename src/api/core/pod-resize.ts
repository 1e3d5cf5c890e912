/** Changing what the containers of a running pod may use. Source: kubernetes' pod resize strategy and validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { Container, ResourceRequirements } from './container.ts';
import type { PodSpec } from './pod-spec.ts';
import type { Pod } from './pod.ts';
import { qosClass } from './qos-class.ts';
import { podSpecErrors } from './pod-spec-validation.ts';

type Amounts = Readonly<Record<string, string>>;

/** The current spec with the resources that were sent; all that was sent, for validation to refuse, if containers differ. */
export function resizedSpec({ spec: sent }: Pod, { spec }: Pod): PodSpec {
  const names = ({ containers, initContainers = [] }: PodSpec): string =>
    [...containers, ...initContainers].map(({ name }) => name).join(',');
  if (names(sent) !== names(spec)) return sent;
  const resized = (containers: readonly Container[], wanted: readonly Container[]): Container[] =>
    containers.map((container, index) => {
      const { resources, resizePolicy } = wanted[index] ?? container;
      return { ...container, resources, resizePolicy };
    });
  return {
    ...spec,
    containers: resized(spec.containers, sent.containers),
    initContainers: spec.initContainers && resized(spec.initContainers, sent.initContainers ?? []),
  };
}

/** What is wrong with a resize. */
export function resizeErrors(pod: Pod, old: Pod): FieldError[] {
  const refused = refusal(pod, old);
  if (refused !== undefined) return [forbidden('', refused)];
  const { spec } = pod;
  const quality = qosClass(spec);
  const detail = 'Pod QOS Class may not change as a result of resizing';
  const errors = [
    ...podSpecErrors(spec, 'spec'),
    ...(quality === (old.status.qosClass ?? qosClass(old.spec)) ? [] : [invalid('spec', quality, detail)]),
    ...containersErrors(spec.initContainers ?? [], old.spec.initContainers ?? [], 'spec.initContainers'),
    ...containersErrors(spec.containers, old.spec.containers, 'spec.containers'),
  ];
  if (errors.length > 0 || equalJson(withResourcesOf(old.spec, spec), old.spec)) return errors;
  return [forbidden('spec', 'only cpu and memory resources are mutable')];
}

function refusal({ spec }: Pod, old: Pod): string | undefined {
  const isLimited = ({ resources = {} }: PodSpec): boolean =>
    Object.keys({ ...resources.requests, ...resources.limits }).length > 0;
  if (isLimited(spec) || isLimited(old.spec)) return 'pods with pod-level resources cannot be resized';
  if (old.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return 'static pods cannot be resized';
  return old.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

function containersErrors(now: readonly Container[], old: readonly Container[], path: string): FieldError[] {
  return now.flatMap((container, index) => {
    const before = old[index];
    if (!before) return [];
    const own = `${path}[${index}].resources`;
    const isInit = path.endsWith('.initContainers');
    if (isInit && before.restartPolicy !== 'Always') {
      const detail = 'resources for non-sidecar init containers are immutable';
      return equalJson(container.resources, before.resources) ? [] : [forbidden('spec', detail)];
    }
    const words = isInit ? 'only cpu and memory resources for sidecar containers' : 'only cpu and memory resources';
    return [
      ...removedErrors(container.resources.requests, before.resources.requests, `${own}.requests`),
      ...removedErrors(container.resources.limits, before.resources.limits, `${own}.limits`),
      ...(equalJson(fixedPart(container.resources), fixedPart(before.resources))
        ? []
        : [forbidden('spec', `${words} are mutable`)]),
    ];
  });
}

function removedErrors(now: Amounts = {}, old: Amounts = {}, path: string): FieldError[] {
  const isGone = Object.keys(old).some((name) => now[name] === undefined);
  return isGone ? [forbidden(path, `resource ${path.split('.').at(-1)} cannot be removed`)] : [];
}

/** What can't be resized. */
function fixedPart({ requests = {}, limits = {}, claims }: ResourceRequirements): object {
  const fixed = ({ cpu: _cpu, memory: _memory, ...others }: Amounts): Amounts => others;
  return { requests: fixed(requests), limits: fixed(limits), claims };
}

function withResourcesOf(old: PodSpec, spec: PodSpec): PodSpec {
  const restored = (containers: readonly Container[], before: readonly Container[] = []): Container[] =>
    containers.map((container, index) => {
      const { resources, resizePolicy } = before[index] ?? container;
      return { ...container, resources, resizePolicy };
    });
  return {
    ...spec,
    containers: restored(spec.containers, old.containers),
    initContainers: spec.initContainers && restored(spec.initContainers, old.initContainers),
  };
}
